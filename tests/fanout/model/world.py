"""A run's whole world: its surroundings, and one process after another. Each method is one step.

A step that means nothing just now does nothing, so that any sequence of steps is a life. After each of
them `truth.check` says whether the promises hold.
"""

import uuid
from collections.abc import Sequence
from typing import TypeVar

from attrs import evolve

from model import truth
from model.attempt import Answer, Attempt, Stage
from model.process import Process
from model.server_model import Fate
from model.start import Start
from model.surroundings import Setting, Surroundings
from pushwoosh_async import InputChangedError, PushwooshError, RateLimitedError, SendReport
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.state import REPLACED, SETTLED, State

T = TypeVar("T")


class World(Surroundings):
    """One life of one run.

    Attributes:
        process: the one at work; None between two of them.
        orphans: attempts whose run has closed its books; their process lives on.
        resent: the successors of doubts that were let loose, each with its recipients.
        named: whether a doubt was ever asked for by name.
        over: nothing more is promised, as the gateway lies and it came to rest on a 429.
        checked: how many commits and requests there were when the disk was last held against the server.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.process: Process | None = None
        self.orphans: list[Attempt] = []
        self.resent: dict[str, frozenset[str]] = {}
        self.named = False
        self.over = False
        self.checked = (-1, -1)
        self._ids: dict[str, tuple[str, bytes]] = {}

    # -- a process comes and goes -----------------------------------------------------------------

    def start(
        self,
        run_id: uuid.UUID,
        *,
        rejected: bool = False,
        doubts: str = "",
        most: int = 1,
        cautious: bool = False,
        watched: bool = False,
    ) -> None:
        """Run the same line again.

        Args:
            run_id: drawn by the new process.
            rejected: `retry_rejected`.
            doubts: `resend_in_doubt`: "all", "named" for the ids of all that have expired, or "".
            most: `notifications_per_request`.
            cautious: see `Start`.
            watched: see `Start`.
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
        start = evolve(self._start(run_id, again), most=most, cautious=cautious, watched=watched)
        self.process = Process(self.disk, self.clock, start, self.loop)
        how = f"{most} a request{', cautious' * cautious}{', watched' * watched}"
        self.steps.append(f"start {again}, {how}")

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
        process = Process(disk, self.clock, start, self.loop)
        refused = False
        try:
            while not process.taken_in:
                assert not process.due, "something is sent to recipients that were not compared"
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
        """Cancel the run, perhaps just as something was heard."""
        if self.process is not None and not self.process.cancelled:
            self.process.cancel()
            self._rests_on_a7(True)
            self.steps.append("cancel")

    def end(self) -> SendReport | None:
        """Close the books, where the run is at its end; the report must be true."""
        self.go_on()
        process = self.process
        if process is None or not process.may_end:
            return None
        report, written = process.end()
        self.process = None
        self.steps.append("end")
        self.orphans += [each for each in process.client.orphans if each.stage != "over"]
        truth.check_report(self, report, written=written)
        return report

    def go_on(self) -> None:
        """Let the process do what it can do by itself: not at once, so that a crash may come before."""
        if self.process is not None:
            self.process.go_on()

    # -- requests and attempts --------------------------------------------------------------------

    def read(self, size: int) -> None:
        """Pull a page of the source."""
        process = self.process
        if process is None or process.taken_in or process.stopped:
            return
        process.read(size)
        self.steps.append(f"read {size}")
        for work in process.due:
            if work.life.inherited and "#" in work.chunk.path:
                self.resent[work.chunk.path] = frozenset(work.chunk.ids)

    def take(self, index: int) -> None:
        """Let a worker take a request, if it may begin."""
        self.go_on()
        if self.process is None or self.process.stopped or not self.process.requests:
            return
        place = index % len(self.process.requests)
        paths = "+".join(work.chunk.path for work in self.process.requests[place])
        if self.process.take(place):
            self.steps.append(f"take of {paths}")

    def begin(self, index: int) -> None:
        """Begin an attempt at a request that has none under way, up to its intents."""
        self.go_on()
        process = self.process
        if process is None:
            return
        attempt = _pick(
            [each for each in process.client.attempts if each.stage == "waiting"], index
        )
        if attempt is None:
            return
        guards = attempt.guard.guards
        before = [guard.life.exposure.t0 for guard in guards]
        self._check_request(attempt)
        attempt.begun.set_result(None)
        self.go_on()
        self.steps.append(f"begin {attempt.name}")
        begun = attempt.stage != "over"
        if begun and process.stopped:
            new = [guard.chunk.path for guard in guards if not guard.in_doubt]
            assert not new, f"{new} are begun after the run was stopped"
        renewed = [
            t0 for t0, guard in zip(before, guards, strict=True) if t0 != guard.life.exposure.t0
        ]
        self._rests_on_a7(any(renewed))

    def _check_request(self, attempt: Attempt) -> None:
        for guard in attempt.guard.guards:
            chunk = guard.chunk
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
        self.go_on()
        if self.process is not None and self.process.journal.pending:
            self.process.commit(most)
            self.steps.append(f"commit {most}")

    def push(self, index: int, fate: Fate, delay: float, backoff: float) -> None:
        """Let a piece of a body go, if its gate does; the last one is a request."""
        attempt = self._pick("sending", index)
        if attempt is not None:
            attempt.backoff = backoff
            attempt.push(self.server, self.clock.now, fate, delay)
            self.steps.append(f"push, {attempt.stage}, {fate} {delay:g} ({attempt.name})")
            self._concluded(attempt)

    def hear(self, index: int, answer: Answer, backoff: float) -> None:
        """Let an answer come, or be lost."""
        attempt = self._pick("handed over", index)
        if attempt is not None:
            attempt.backoff = backoff
            attempt.hear(answer)
            self.steps.append(f"hear {answer} ({attempt.name})")
            self._concluded(attempt)

    def fail(self, index: int, backoff: float) -> None:
        """Break a connection before the body was given away: refused, reset, out of descriptors."""
        attempt = self._pick("sending", index)
        if attempt is not None:
            attempt.backoff = backoff
            self.steps.append(f"fail ({attempt.name})")
            attempt.fail()
            self._concluded(attempt)

    def be_read(self) -> None:
        """Let the outcomes be read."""
        self.go_on()
        if self.process is not None and self.process.waits_for_reader:
            self.process.be_read()
            self.steps.append("be read")

    def _pick(self, stage: Stage, index: int) -> Attempt | None:
        self.go_on()
        under_way = list(self.orphans)
        if self.process is not None:
            under_way += [*self.process.client.attempts, *self.process.client.orphans]
        return _pick([each for each in under_way if each.stage == stage], index)

    def _concluded(self, attempt: Attempt) -> None:
        outcome = attempt.outcome
        clean = isinstance(outcome, PushwooshError) and outcome.delivery != "in_doubt"
        self._rests_on_a7(clean and not isinstance(outcome, RateLimitedError))


def _pick(things: Sequence[T], index: int) -> T | None:
    return things[index % len(things)] if things else None
