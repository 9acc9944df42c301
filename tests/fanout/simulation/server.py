"""What does the server do with a request, when, and what does it say? A model with a ledger."""

import heapq
import json
import random
from collections import Counter
from collections.abc import Callable, Collection
from math import inf
from typing import Any

from attrs import define, field, frozen

from simulation.dice import Habits, Trouble
from simulation.witness import Witness

_LATENCIES = (0.01, 0.01, 0.2, 3.0, 10.0)
_ROUNDING = 1e-6  # seconds by which a sleeper may wake before its time


@frozen
class Answer:
    """What comes back, whole: a status of 0 is a connection reset."""

    status: int
    body: bytes = b"{}"
    headers: dict[str, str] = field(factory=dict)

    @property
    def is_clear(self) -> bool:
        """Whether it says what became of the request."""
        if self.status != 200:
            return self.status in {401, 403, 404, 429}
        return any(b'"status_code": %d' % code in self.body for code in (200, 210, 401, 429))


def _body(code: int, **more: object) -> bytes:
    return json.dumps({"status_code": code, **more}).encode()


_RESET = Answer(0)
_REVOKED = (
    Answer(401, _body(401)),
    Answer(403),
    Answer(404),
    Answer(200, _body(401)),
    Answer(200, _body(210, status_message="Account not found")),
)
_UNREADABLE = (
    _RESET,
    Answer(502),
    Answer(408),
    Answer(200, b'{"status_code": 2'),
    Answer(200, b"<html>"),
    Answer(200, b""),
    Answer(200, _body(500)),
)


@define(eq=False)
class Request:
    """What arrived, and what becomes of it.

    Attributes:
        tid: its transactionId.
        ids: whom it is for.
        refused: one of them is bad.
        answer_after: seconds until the answer; inf for never.
        answer: what it will say; None for what came of it.
        fresh: whether it was sent: None before it is committed.
    """

    tid: str
    ids: list[str]
    refused: bool
    answer_after: float = inf
    answer: Answer | None = None
    fresh: bool | None = None


class Server:
    """Takes requests, sends to nobody twice inside its window, and is not always well.

    Attributes:
        arrivals: requests received whole.
        delivered: how often each id was sent to.
        taken: when each transactionId was last accepted as new.
        bad: ids that it refuses.
        calm: nothing goes wrong any more.
    """

    def __init__(
        self,
        habits: Habits,
        *,
        rng: random.Random,
        now: Callable[[], float],
        bad: set[str],
        witness: Witness,
    ) -> None:
        self.arrivals = 0
        self.delivered: Counter[str] = Counter()
        self.taken: dict[str, float] = {}
        self.bad = bad
        self.calm = False
        self._habits = habits
        self._rng = rng
        self._now = now
        self._witness = witness
        self._waiting: list[tuple[float, int, Request]] = []

    # -- at the door ----------------------------------------------------------------------------

    def trouble(self) -> Trouble | None:
        """Return what everybody meets now."""
        now = self._now()
        outages = () if self.calm else self._habits.outages
        return next((each.trouble for each in outages if each.start <= now < each.stop), None)

    def door(self) -> str:
        """Return how a connection begins: open, refused, cut in mid-body, or answered too early."""
        if self.trouble() == "refused":
            self._witness.happened("outage: refused")
            return "refused"
        if self._faulty(0.4):
            return self._rng.choice(["refused", "refused", "cut", "early"])
        return "open"

    def early(self) -> Answer:
        """Return an answer to a request whose body has not come yet."""
        return self._rng.choice([Answer(503), self._limited(), Answer(200, _body(200))])

    # -- a whole request ------------------------------------------------------------------------

    def receive(self, body: dict[str, Any]) -> Request:
        """Take a request; decide what will become of it."""
        (notification,) = body["request"]["notifications"]
        ids = notification["users"]
        request = Request(notification["transactionId"], ids, not self.bad.isdisjoint(ids))
        self.arrivals += 1
        trouble = self.trouble()
        if trouble is not None:
            self._meet(request, trouble)
        elif self._faulty(1.0):
            self._fail(request)
        else:
            self._serve(request, self._latency())
        return request

    def _faulty(self, share: float) -> bool:
        rate = 0.0 if self.calm else self._habits.fault_rate
        return self._rng.random() < rate * share

    def _latency(self) -> float:
        return 0.01 if self.calm else self._rng.choice(_LATENCIES)

    def _serve(self, request: Request, seconds: float, answer: Answer | None = None) -> None:
        request.answer_after, request.answer = seconds, answer
        self._commit_in(request, seconds)

    def _refuse(self, request: Request, answer: Answer) -> None:
        request.answer_after, request.answer = self._latency(), answer

    def _meet(self, request: Request, trouble: Trouble) -> None:
        self._witness.happened(f"outage: {trouble}")
        if trouble == "revoked":
            self._refuse(request, self._rng.choice(_REVOKED))
        elif trouble == "limited":
            self._limit(request)
        elif trouble == "5xx":
            self._refuse(request, self._unwell())
            if self._rng.random() < 0.3:
                self._commit_in(request, request.answer_after)
        else:
            self._be_late(request)

    def _fail(self, request: Request) -> None:
        fault = self._rng.choice(["lost before", "lost after", "late", "slow", "limited", "unwell"])
        self._witness.happened(f"fault: {fault}")
        if fault == "lost before":
            self._refuse(request, _RESET)
        elif fault == "lost after":
            self._serve(request, self._latency(), self._rng.choice(_UNREADABLE))
        elif fault == "late":
            self._be_late(request)
        elif fault == "slow":
            self._serve(request, self._rng.uniform(20.0, 40.0))
        elif fault == "limited":
            self._limit(request)
        else:
            self._refuse(request, self._unwell())

    def _be_late(self, request: Request) -> None:
        if self._rng.random() < 0.7:
            self._commit_in(request, self._rng.uniform(0.0, self._habits.latest_commit))

    def _limit(self, request: Request) -> None:
        self._refuse(request, self._limited())
        if self._habits.takes_limited:
            self._commit_in(request, request.answer_after)

    def _limited(self) -> Answer:
        seconds = self._rng.choice([None, self._rng.randint(1, 30), self._rng.randint(30, 300)])
        headers = {} if seconds is None else {"retry-after": str(seconds)}
        return Answer(429, b"{}", headers) if headers else Answer(200, _body(429))

    def _unwell(self) -> Answer:
        asked = {"retry-after": str(self._rng.randint(0, 400))}
        return self._rng.choice([Answer(500, _body(500)), Answer(503), Answer(503, b"{}", asked)])

    # -- the ledger -----------------------------------------------------------------------------

    def _commit_in(self, request: Request, seconds: float) -> None:
        if not request.refused:
            due = (self._now() + seconds, self.arrivals, request)
            heapq.heappush(self._waiting, due)

    def catch_up(self, until: float | None = None) -> None:
        """Commit what is due by now, in its order."""
        until = self._now() + _ROUNDING if until is None else until
        while self._waiting and self._waiting[0][0] <= until:
            due, _, request = heapq.heappop(self._waiting)
            self._commit(request, due)

    def _commit(self, request: Request, at: float) -> None:
        taken = self.taken.get(request.tid)
        request.fresh = taken is None or at - taken >= self._habits.window
        if request.fresh:
            self.taken[request.tid] = at
            self.delivered.update(request.ids)
        self._witness.committed(request.tid, at, fresh=request.fresh)

    def may_be_sent(self) -> Collection[str]:
        """Return the transactionIds that were accepted, or still may be."""
        return self.taken.keys() | {request.tid for _, _, request in self._waiting}

    def people(self) -> set[str]:
        """Return the ids that were sent to, or still may be."""
        return set(self.delivered).union(*(request.ids for _, _, request in self._waiting))

    def say(self, request: Request) -> Answer:
        """Return the answer to a request, now that its time has come."""
        self.catch_up()
        if request.answer is not None:
            return request.answer
        if request.refused:
            return Answer(200, _body(210, status_message="No valid recipients"))
        if request.fresh:
            return self._accept(request)
        self._witness.happened(f"repeat answered: {self._habits.repeats}")
        return self._again(request)

    def _again(self, request: Request) -> Answer:
        if self._habits.repeats == "210":
            return Answer(200, _body(210, status_message="Duplicate"))
        if self._habits.repeats == "409":
            return Answer(409)
        return self._accept(request)

    def _accept(self, request: Request) -> Answer:
        empty = self._habits.repeats == "empty" and not request.fresh
        return Answer(200, _body(200, response={"Messages": [] if empty else [request.tid[:8]]}))
