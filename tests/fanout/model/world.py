"""A run's whole world: its clock, server, disk, and one process after another. Each method is one step.

A step that means nothing just now does nothing, so that any sequence of steps is a life. After each of
them `truth.check` says whether the promises hold.
"""

import uuid
from collections.abc import Sequence
from typing import TypeAlias, TypeVar

from attrs import evolve, frozen
from memory_journal import Disk

from model import truth
from model.attempt import Answer, Attempt, Outcome
from model.model_clock import ModelClock
from model.process import Parcel, Process, Start
from model.server_model import LATEST, Fate, Personality, ServerModel
from pushwoosh_async import InputChangedError, PushwooshError, RateLimitedError, SendReport
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.state import REPLACED, SETTLED, State

T = TypeVar("T")
_Open: TypeAlias = tuple[Process | None, Parcel | None, Attempt]


@frozen(kw_only=True)
class Setting:
    """What stays the same for a life.

    Attributes:
        recipients: how many; each has a name of its own.
        chunk_size: of them in a chunk.
        refused: indexes of those whom the server answers with a 210.
        personality: how it answers a repeat.
        bisect_requests: halves at most; 0 for no bisecting.
        counts_suspend: see `ModelClock`.
        honest_gateway: a 429 comes from before processing (assumption A7).
    """

    recipients: int = 4
    chunk_size: int = 2
    refused: frozenset[int] = frozenset()
    personality: Personality = "same"
    bisect_requests: int = 0
    counts_suspend: bool = True
    honest_gateway: bool = True


class World:
    """One life of one run.

    Attributes:
        process: the one at work; None between two of them.
        orphans: attempts whose run has closed its books; their process lives on.
        resent: the successors of doubts that were let loose, each with its recipients.
        named: whether a doubt was ever asked for by name.
        over: nothing more is promised, as the gateway lies and it came to rest on a 429.
        steps: what was done, in words.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.clock = ModelClock(counts_suspend=setting.counts_suspend)
        self.source = tuple(f"u{index}" for index in range(setting.recipients))
        self.server = ServerModel(
            setting.personality,
            {self.source[index % setting.recipients] for index in setting.refused},
            honest_gateway=setting.honest_gateway,
        )
        self.disk = Disk()
        self.process: Process | None = None
        self.orphans: list[Attempt] = []
        self.resent: dict[str, frozenset[str]] = {}
        self.named = False
        self.over = False
        self.steps: list[str] = []
        self._ids: dict[str, tuple[str, bytes]] = {}

    # -- a process comes and goes -----------------------------------------------------------------

    def start(self, run_id: uuid.UUID, *, rejected: bool = False, doubts: str = "") -> None:
        """Run the same line again.

        Args:
            run_id: drawn by the new process.
            rejected: `retry_rejected`.
            doubts: `resend_in_doubt`: "all", "named" for the ids of all that have expired, or "".
        """
        if self.process is not None:
            return
        expired = {
            row.transaction_id for row in self.disk.rows.values() if row.life.state is State.EXPIRED
        }
        again = Again(rejected=rejected, doubts=expired if doubts == "named" else bool(doubts))
        if self.disk.facts is None:
            again = Again()  # the client refuses it without a journal that exists
        self.named |= doubts == "named"
        self.process = Process(self.disk, self.clock, self._start(run_id, again))
        self.steps.append(f"start {again}")

    def _start(self, run_id: uuid.UUID, again: Again) -> Start:
        return Start(
            source=self.source,
            chunk_size=self.setting.chunk_size,
            bisect_requests=self.setting.bisect_requests,
            again=again,
            run_id=run_id,
        )

    def start_with_another_source(self, run_id: uuid.UUID, index: int) -> None:
        """Run the same line over other recipients: refused before a byte leaves, if it matters."""
        row = _pick(list(self.disk.rows.values()), index)
        if self.process is not None or row is None:
            return
        source = list(self.source)
        source[row.start] = "somebody else"
        start = evolve(self._start(run_id, Again()), source=tuple(source))
        disk = evolve(self.disk, rows=dict(self.disk.rows))
        process = Process(disk, self.clock, start)
        refused = False
        try:
            while not process.taken_in:
                assert not process.works, "something is sent to recipients that were not compared"
                process.read(2)
        except InputChangedError:
            refused = True
        assert refused or not process.left, "another source passes for the same"
        process.die(0)

    def crash(self, keep: int) -> None:
        """Kill the process: some of what was pending is durable, a prefix."""
        if self.process is not None:
            self.process.die(keep)
            self.steps.append(f"crash, {keep} kept")
        self.process, self.orphans = None, []

    def reboot(self, keep: int, wall_error: float) -> None:
        """Lose power of the whole machine; its clock may have lost the time."""
        self.crash(keep)
        self.clock.reboot(wall_error)
        self.steps.append(f"reboot {wall_error:+g}")

    def fill_disk(self) -> None:
        """Nothing more can be written by this process."""
        if self.process is not None:
            self.process.journal.full = True
            self._rests_on_a7(True)
            self.steps.append("disk full")

    def stop(self) -> None:
        """Drain, or meet the deadline."""
        if self.process is not None and not self.process.stopped:
            self.process.stop()
            self.steps.append("stop")

    def cancel(self) -> None:
        """Cancel the run."""
        if self.process is not None and not self.process.cancelled:
            self.process.cancel()
            self._rests_on_a7(True)
            self.steps.append("cancel")

    def end(self) -> SendReport | None:
        """Close the books, where the run is at its end; the report must be true."""
        process = self.process
        if process is None or not process.may_end:
            return None
        report, written = process.end()
        self.process = None
        self.steps.append("end")
        attempts = [parcel.attempt for parcel in process.parcels.values()]
        self.orphans += [each for each in attempts if each is not None and each.stage != "over"]
        truth.check_report(self, report, written=written)
        return report

    # -- chunks and attempts ----------------------------------------------------------------------

    def read(self, size: int) -> None:
        """Pull a page of the source."""
        process = self.process
        if process is None or process.taken_in or process.stopped:
            return
        process.read(size)
        self.steps.append(f"read {size}")
        for work in process.works:
            if work.life.inherited and "#" in work.chunk.path:
                self.resent[work.chunk.path] = frozenset(work.chunk.ids)

    def take(self, index: int) -> None:
        """Let a worker take a chunk."""
        if self.process is None or self.process.stopped or not self.process.works:
            return
        work = self.process.works[index % len(self.process.works)]
        self.process.take(index % len(self.process.works))
        self.steps.append(f"take {work.chunk.path}")

    def begin(self, index: int) -> None:
        """Begin an attempt of a chunk that has none under way."""
        process = self.process
        if process is None or process.cancelled:
            return
        parcel = _pick([p for p in process.parcels.values() if p.attempt is None], index)
        if parcel is None:
            return
        guard, t0 = parcel.guard, parcel.guard.life.exposure.t0
        self._check_request(parcel)
        process.begin(parcel)
        self.steps.append(f"begin {guard.chunk.path}")
        self._rests_on_a7(t0 is not None and guard.life.exposure.t0 != t0)

    def _check_request(self, parcel: Parcel) -> None:
        chunk = parcel.guard.chunk
        named = (chunk.transaction_id, chunk.encoded)
        assert self._ids.setdefault(chunk.path, named) == named, f"{chunk.path} has another id"
        row = self.disk.rows.get(chunk.path)
        settled = row is not None and row.life.state in SETTLED | REPLACED
        assert not settled, f"{chunk.path} is settled and requested again"

    def _rests_on_a7(self, does: bool) -> None:
        """What renews or drops a t0, or rejects, after a 429: a gateway that lies ends the promise."""
        self.over |= does and not self.setting.honest_gateway

    def commit(self, most: int | None) -> None:
        """Make a prefix of what is pending durable."""
        if self.process is not None and self.process.journal.pending:
            self.process.commit(most)
            self.steps.append(f"commit {most}")

    def push(self, index: int, fate: Fate, delay: float, backoff: float) -> None:
        """Let a piece of a body go, if its gate does; the last one is a request."""
        found = self._pick("sending", index)
        if found is not None:
            attempt = found[2]
            delay %= LATEST
            outcome = attempt.push(self.server, self.clock.now, fate, delay)
            self._say(f"push, {attempt.stage}, {fate} {delay:g}", attempt)
            self._conclude(found, outcome, backoff)

    def hear(self, index: int, answer: Answer, backoff: float) -> None:
        """Let an answer come, or be lost."""
        found = self._pick("handed over", index)
        if found is not None:
            outcome = found[2].hear(answer)
            self._say(f"hear {answer}: {outcome}", found[2])
            self._conclude(found, outcome, backoff)

    def fail(self, index: int, backoff: float) -> None:
        """Break a connection before the body was given away: refused, reset, out of descriptors."""
        found = self._pick("sending", index)
        if found is not None:
            self._say("fail", found[2])
            self._conclude(found, found[2].fail(), backoff)

    def _say(self, what: str, attempt: Attempt) -> None:
        self.steps.append(f"{what} ({attempt.guard.chunk.path})")

    def _pick(self, stage: str, index: int) -> _Open | None:
        parcels = self.process.parcels.values() if self.process is not None else ()
        under_way: list[_Open] = [
            (self.process, parcel, parcel.attempt)
            for parcel in parcels
            if parcel.attempt is not None and parcel.attempt.stage == stage
        ]
        alone: list[_Open] = [(None, None, each) for each in self.orphans if each.stage == stage]
        return _pick(under_way + alone, index)

    def _conclude(self, found: _Open, outcome: Outcome | None, backoff: float) -> None:
        process, parcel, _ = found
        clean = isinstance(outcome, PushwooshError) and outcome.delivery != "in_doubt"
        self._rests_on_a7(clean and not isinstance(outcome, RateLimitedError))
        if outcome is not None and process is not None and parcel is not None:
            process.conclude(parcel, outcome, backoff)

    # -- time and the server ----------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)
        self._time_passed(f"wait {seconds:g}")

    def suspend(self, seconds: float) -> None:
        """Suspend the machine."""
        self.clock.suspend(seconds)
        self._time_passed(f"suspend {seconds:g}")

    def _time_passed(self, how: str) -> None:
        self.steps.append(how)
        self.server.catch_up(self.clock.now)

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock."""
        self.clock.step_wall(seconds)
        self.steps.append(f"wall {seconds:+g}")

    def mend(self) -> None:
        """The server takes those whom it refused."""
        self.server.refused.clear()
        self.steps.append("mend")


def _pick(things: Sequence[T], index: int) -> T | None:
    return things[index % len(things)] if things else None
