"""What does the server do with a request, when, and what does it say? A model with a ledger."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from simulation.answers import RESET, REVOKED, UNREADABLE, Answer, accepted, refused, said
from simulation.dice import Habits, Trouble
from simulation.ledger import Ledger, Notice, Request
from simulation.witness import Witness

_REFUSES = ("all refused", "dropped, and 210")
_FAULTS = ("lost before", "lost after", "late", "slow", "limited", "unwell", "torn")


class Server:
    """Takes requests, and is not always well.

    Attributes:
        ledger: whom it has sent to.
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
        is_meant: Callable[[Mapping[str, Any]], bool],
        witness: Witness,
    ) -> None:
        self.ledger = Ledger(habits, now=now, witness=witness)
        self.bad = bad
        self.calm = False
        self._habits = habits
        self._rng = rng
        self._now = now
        self._is_meant = is_meant
        self._witness = witness
        self._failed: set[str] = set()

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
        return self._rng.choice([Answer(503), self._limited(), Answer(200, said(200))])

    # -- a whole request ------------------------------------------------------------------------

    def read(self, body: dict[str, Any]) -> Request:
        """Read a request."""
        notices = [self._notice(each) for each in body["request"]["notifications"]]
        if self._habits.knows_packs_only:
            together = " ".join(notice.tid for notice in notices)
            for notice in notices:
                notice.memory = f"{notice.tid} of {together}"
        return Request(notices)

    def _notice(self, raw: dict[str, Any]) -> Notice:
        if not self._is_meant(raw):
            self._witness.never(f"nobody wanted this to be sent: {raw}")
        tid: str = raw["transactionId"]
        ids: list[str] = raw["users"] if "users" in raw else raw["devices"]
        return Notice(tid, ids, not self.bad.isdisjoint(ids), tid)

    def receive(self, request: Request) -> None:
        """Take a request; decide what will become of it."""
        trouble = self.trouble()
        if trouble is not None:
            self._meet(request, trouble)
        elif self._habits.fails_packs is not None and len(request.notices) > 1:
            self._fail_pack(request, self._habits.fails_packs)
        elif self._faulty(1.0):
            self._fail(request)
        else:
            self._serve(request, self._latency())

    def _faulty(self, share: float) -> bool:
        rate = 0.0 if self.calm else self._habits.fault_rate
        return self._rng.random() < rate * share

    def _latency(self) -> float:
        return 0.01 if self.calm else self._rng.choice(self._habits.latencies)

    def _serve(self, request: Request, seconds: float, answer: Answer | None = None) -> None:
        request.answer_after, request.answer = seconds, answer
        self.ledger.commit_in(request.notices, seconds)

    def _refuse(self, request: Request, answer: Answer) -> None:
        request.answer_after, request.answer = self._latency(), answer

    def _fail_pack(self, request: Request, seconds: float) -> None:
        if not self._failed.isdisjoint(request.tids):
            request.answer_after, request.answer = seconds, RESET
        self._failed.update(request.tids)

    def _meet(self, request: Request, trouble: Trouble) -> None:
        self._witness.happened(f"outage: {trouble}")
        if trouble == "revoked":
            self._refuse(request, self._rng.choice(REVOKED))
            self._take_all_the_same(request)
        elif trouble == "limited":
            self._limit(request)
        elif trouble == "5xx":
            self._refuse(request, self._unwell())
            if self._rng.random() < 0.3:
                self.ledger.commit_in(request.notices, request.answer_after)
        else:
            self._be_late(request)

    def _fail(self, request: Request) -> None:
        fault = self._rng.choice([*_FAULTS, *(["torn"] * 3 if len(request.notices) > 1 else [])])
        self._witness.happened(f"fault: {fault}")
        if fault == "lost before":
            self._refuse(request, RESET)
        elif fault == "lost after":
            self._serve(request, self._latency(), self._rng.choice(UNREADABLE))
        elif fault == "late":
            self._be_late(request)
        elif fault == "slow":
            self._serve(request, self._rng.uniform(20.0, 40.0))
        elif fault == "limited":
            self._limit(request)
        elif fault == "torn":
            self._tear(request)
        else:
            self._refuse(request, self._unwell())

    def _be_late(self, request: Request) -> None:
        if self._rng.random() < 0.7:
            seconds = self._rng.uniform(0.0, self._habits.latest_commit)
            self.ledger.commit_in(request.notices, seconds)

    def _tear(self, request: Request) -> None:
        """Fall down in the middle of a request: each notification is taken by itself, or not at all."""
        self._refuse(request, self._rng.choice(UNREADABLE))
        for notice in request.notices:
            if self._rng.random() < 0.5:
                seconds = self._rng.choice(
                    [0.0, self._rng.uniform(0.0, self._habits.latest_commit)]
                )
                self.ledger.commit_in([notice], seconds)

    def _limit(self, request: Request) -> None:
        self._refuse(request, self._limited())
        if len(request.notices) > 1:
            self._witness.happened("a pack was answered by 429")
        self._take_all_the_same(request)
        if self._habits.takes_limited:
            self.ledger.commit_in(request.notices, request.answer_after)

    def _take_all_the_same(self, request: Request) -> None:
        """Of a pack nobody promises that such an answer comes before it is processed."""
        if len(request.notices) > 1 and self._rng.random() < 0.3:
            self.ledger.commit_in(request.notices, request.answer_after)

    def _limited(self) -> Answer:
        seconds = self._rng.choice([None, self._rng.randint(1, 30), self._rng.randint(30, 300)])
        headers = {} if seconds is None else {"retry-after": str(seconds)}
        return Answer(429, b"{}", headers) if headers else Answer(200, said(429))

    def _unwell(self) -> Answer:
        asked = {"retry-after": str(self._rng.randint(0, 400))}
        return self._rng.choice([Answer(500, said(500)), Answer(503), Answer(503, b"{}", asked)])

    # -- what it says ---------------------------------------------------------------------------

    def say(self, request: Request) -> Answer:
        """Return the answer to a request, now that its time has come."""
        self.ledger.catch_up()
        if request.answer is not None:
            return request.answer
        refusal = self._of_bad_ones(request) or self._of_repeats(request)
        return refusal or accepted(
            [notice.tid[:8] for notice in request.notices if self._has_code(notice)]
        )

    def _of_bad_ones(self, request: Request) -> Answer | None:
        if not any(notice.bad for notice in request.notices):
            return None
        if len(request.notices) == 1:
            return refused("No valid recipients")
        habit = self._habits.bad_ones
        self._witness.happened(f"one of several is bad: {habit}")
        return refused("One of them is bad") if habit in _REFUSES else None

    def _of_repeats(self, request: Request) -> Answer | None:
        good = [notice for notice in request.notices if not notice.bad]
        again = [notice for notice in good if not notice.fresh]
        if not again:
            return None
        habit = self._habits.repeats
        if any(notice.tid not in self.ledger.taken or notice.fresh for notice in good):
            self._witness.happened("a pack with a repeat in it", habit)
        else:
            kind = "a repeat" if len(good) == 1 else "a pack of repeats"
            self._witness.happened(f"{kind}: {habit}")
        if habit == "409":
            return Answer(409)
        return refused("Duplicate") if habit.startswith("210") else None

    def _has_code(self, notice: Notice) -> bool:
        if notice.bad:
            return self._habits.bad_ones == "dropped, and a code"
        return bool(notice.fresh) or self._habits.repeats != "fewer"
