"""What does a journal say of its run? Its facts, its timeline and its report, for whoever reads it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

from attrs import field, frozen

from pushwoosh_async._fanout.journal import Ending, Record, RunFacts
from pushwoosh_async._fanout.report import SendReport
from pushwoosh_async._fanout.standing import standing_of
from pushwoosh_async._fanout.timeline import LATENCY_BOUNDS, Slice


@frozen(kw_only=True)
class RunSlice:
    """What happened in ten seconds of a run.

    Attributes:
        start: when they began, in UTC.
        requests: HTTP requests begun.
        retries: how many of them were repeats.
        limited: answers that said 429: each held every request of the client.
        doubts: attempts handed over and not answered clearly.
        accepted: recipients of chunks that ended so.
        rejected: the same.
        in_doubt: the same: given up.
        latencies: how many attempts took how long: the upper bound of a class in seconds, each a quarter
            more than the one before, to number; under infinity what took longer than four minutes.
    """

    start: datetime
    requests: int
    retries: int
    limited: int
    doubts: int
    accepted: int
    rejected: int
    in_doubt: int
    latencies: Mapping[float, int]


@frozen(kw_only=True)
class RunRecord:
    """A run as its journal has it.

    Attributes:
        run_id: a UUID, as text; every transactionId hangs on it.
        send_id: the caller's name for the send, or None.
        base_url: where it is sent.
        application: code of the application, or None.
        applications_group: code of the group instead, or None.
        kind: ``"users"`` or ``"devices"``; ``"recipients"`` of `fan_out_each`.
        notification: on the wire, without recipients: `Notification.from_wire` reads it.
        chunk_size: ids in a chunk.
        dedupe: whether an id that comes twice is sent to once.
        invalid: ``"raise"`` or ``"drop"``.
        store_ids: whether ids are in the journal.
        concurrency: chunks in flight, in the first session.
        total: ids in the source, where it has a length; else None.
        source: how the source can be read again, as its `recipe` says: of an `IdFile`, the arguments of
            `read_ids` as JSON. Empty where it does not say.
        fingerprint: of the source: size and sha256 of a file. Empty where it has none.
        window: seconds the server remembers a transactionId.
        margin: seconds after which no abandoned request is committed any more.
        library: version of this library that began it.
        created: when it was begun, in UTC.
        ended: when its latest session ended that came to its own end, in UTC; None where none has.
        finished: nothing is left: a resume would send nothing, unless it is asked to send again.
        salvaged: whether it was salvaged from a damaged journal. What was lost is in doubt; where in the
            input that lies, and at its end how many, is a guess until a resume has read the source.
        recalled: recipients of accepted chunks whose message a recall has cancelled since, as
            `RecallReport.cancelled` counts them. In `report` they still stand as accepted.
        report: what became of everybody. A run that was killed stands as a resume would find it: what was
            under way is in doubt.
        slices: its timeline, in order; ten seconds in which nothing happened are missing.
    """

    run_id: str
    send_id: str | None
    base_url: str
    application: str | None
    applications_group: str | None
    kind: str
    notification: Mapping[str, Any] = field(repr=False)
    chunk_size: int
    dedupe: bool
    invalid: str
    store_ids: bool
    concurrency: int
    total: int | None
    source: str
    fingerprint: str
    window: float
    margin: float
    library: str
    created: datetime
    ended: datetime | None
    finished: bool
    salvaged: bool
    recalled: int
    report: SendReport
    slices: tuple[RunSlice, ...] = field(repr=lambda slices: f"<{len(slices)} slices>")


def run_record(
    facts: RunFacts,
    ending: Ending | None,
    records: Iterable[Record],
    slices: Sequence[Slice],
    *,
    salvaged_to: int,
    recalled: int,
) -> RunRecord:
    """Return what a journal says, from its parts; see `Opened` for `salvaged_to`."""
    standing = standing_of(facts, ending, records, salvaged_to=salvaged_to)
    return RunRecord(
        run_id=facts.run_id,
        send_id=facts.send_id,
        base_url=facts.base_url,
        application=facts.application,
        applications_group=facts.applications_group,
        kind=facts.kind,
        notification=json.loads(facts.notification),
        chunk_size=facts.chunk_size,
        dedupe=facts.dedupe,
        invalid=facts.invalid,
        store_ids=facts.store_ids,
        concurrency=facts.concurrency,
        total=facts.total,
        source=facts.source,
        fingerprint=facts.fingerprint,
        window=facts.window,
        margin=facts.margin,
        library=facts.library,
        created=_moment(facts.created.wall),
        ended=_moment(ending.ended) if ending is not None else None,
        finished=standing.finished,
        salvaged=salvaged_to >= 0,
        recalled=recalled,
        report=standing.report,
        slices=tuple(map(_slice, slices)),
    )


def _slice(each: Slice) -> RunSlice:
    bounds = (*LATENCY_BOUNDS, inf)
    return RunSlice(
        start=_moment(each.start),
        requests=each.requests,
        retries=each.retries,
        limited=each.limited,
        doubts=each.doubts,
        accepted=each.accepted,
        rejected=each.rejected,
        in_doubt=each.in_doubt,
        latencies={bounds[step]: count for step, count in sorted(each.latencies.items())},
    )


def _moment(wall: float) -> datetime:
    return datetime.fromtimestamp(wall, UTC)
