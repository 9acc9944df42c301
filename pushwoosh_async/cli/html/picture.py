"""What does a report show? All that is known of a run, but for whom it was sent to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pushwoosh_async import SendReport

SECONDS = 10
"""How long an `Interval` is."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """What happened in ten seconds.

    Attributes:
        start: wall clock, in seconds since the epoch.
        requests: HTTP requests begun.
        retries: how many of them were repeats.
        limited: answers that said 429: each held every request of the client.
        doubts: attempts handed over and not answered clearly.
        accepted: recipients of chunks that ended so.
        rejected: the same.
        in_doubt: the same: given up.
        latencies: how many attempts took how long: the upper bound of a class, in seconds, to number;
            under infinity those that took longer than is measured.
    """

    start: float
    requests: int = 0
    retries: int = 0
    limited: int = 0
    doubts: int = 0
    accepted: int = 0
    rejected: int = 0
    in_doubt: int = 0
    latencies: Mapping[float, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RunPicture:
    """A run as its report shows it.

    Attributes:
        title: what the run was, in a few words; not to name a recipient.
        application: code of the application, or of the group.
        kind: ``"users"`` or ``"devices"``; ``"recipients"`` where messages name either.
        of_each: whether each message had its own text, so that the order is not that of a file.
        run_id: a UUID, as text.
        base_url: where it was sent.
        chunk_size: ids in a chunk.
        concurrency: requests in flight.
        library: version of this library.
        created: wall clock, in seconds since the epoch.
        ended: the same; None while the run goes on, and after a crash.
        report: what became of everybody. Of its chunks, ids and unknown devices are never shown.
        recalled: how many of the accepted a recall has cancelled since.
        settles: whether going on with the run may settle who is in doubt.
        intervals: what happened when, in any order; of two with one start both count.
    """

    title: str
    application: str
    kind: str
    of_each: bool
    run_id: str
    base_url: str
    chunk_size: int
    concurrency: int
    library: str
    created: float
    ended: float | None
    report: SendReport
    recalled: int
    settles: bool
    intervals: tuple[Interval, ...]
