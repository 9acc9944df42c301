"""Who was sent to? What the server takes, once for each transactionId and window, and never forgets."""

import heapq
from collections import Counter
from collections.abc import Callable, Collection
from math import inf

from attrs import define

from simulation.answers import Answer
from simulation.dice import Habits
from simulation.witness import Witness

_ROUNDING = 1e-6  # seconds by which a sleeper may wake before its time


@define(eq=False)
class Notice:
    """One notification that arrived, and what becomes of it.

    Attributes:
        tid: its transactionId.
        ids: whom it is for.
        bad: one of them is refused.
        memory: by what it is known again.
        fresh: whether it was sent: None before it is committed, and where it is not taken at all.
    """

    tid: str
    ids: list[str]
    bad: bool
    memory: str
    fresh: bool | None = None


@define(eq=False)
class Request:
    """What arrived together.

    Attributes:
        notices: what is in it.
        answer_after: seconds until the answer; inf for never.
        answer: what it will say; None for what came of it.
    """

    notices: list[Notice]
    answer_after: float = inf
    answer: Answer | None = None

    @property
    def tids(self) -> list[str]:
        """The transactionIds in it."""
        return [notice.tid for notice in self.notices]

    @property
    def name(self) -> str:
        """What the trace calls it."""
        return " ".join(tid[:8] for tid in self.tids)


class Ledger:
    """Takes what is due, and sends to nobody twice inside its window.

    Attributes:
        delivered: how often each id was sent to.
        taken: the transactionIds that were ever accepted.
    """

    def __init__(self, habits: Habits, *, now: Callable[[], float], witness: Witness) -> None:
        self.delivered: Counter[str] = Counter()
        self.taken: set[str] = set()
        self._remembered: dict[str, float] = {}
        self._habits = habits
        self._now = now
        self._witness = witness
        self._waiting: list[tuple[float, int, list[Notice]]] = []
        self._count = 0

    def commit_in(self, notices: list[Notice], seconds: float) -> None:
        """Take them after so many seconds, as far as they are ever taken."""
        self._count += 1
        if len(notices) == 1 or self._habits.bad_ones != "all refused":
            good = [notice for notice in notices if not notice.bad]
        else:
            good = [] if any(notice.bad for notice in notices) else notices
        heapq.heappush(self._waiting, (self._now() + seconds, self._count, good))

    def catch_up(self, until: float | None = None) -> None:
        """Commit what is due by now, in its order."""
        until = self._now() + _ROUNDING if until is None else until
        while self._waiting and self._waiting[0][0] <= until:
            due, _, notices = heapq.heappop(self._waiting)
            self._commit(notices, due)

    def _commit(self, notices: list[Notice], at: float) -> None:
        fresh = [notice for notice in notices if self._is_fresh(notice, at)]
        if self._habits.repeats == "210, and nothing taken" and len(fresh) < len(notices):
            return
        for notice in notices:
            notice.fresh = notice in fresh
            if notice.fresh:
                self._remembered[notice.memory] = at
                self.taken.add(notice.tid)
                self.delivered.update(notice.ids)
            self._witness.committed(notice.tid, at, fresh=notice.fresh)

    def _is_fresh(self, notice: Notice, at: float) -> bool:
        taken = self._remembered.get(notice.memory)
        return taken is None or at - taken >= self._habits.window

    def may_be_sent(self) -> Collection[str]:
        """Return the transactionIds that were accepted, or still may be."""
        return self.taken.union(notice.tid for notice in self._under_way())

    def people(self) -> set[str]:
        """Return the ids that were sent to, or still may be."""
        return set(self.delivered).union(*(notice.ids for notice in self._under_way()))

    def _under_way(self) -> list[Notice]:
        return [notice for _, _, notices in self._waiting for notice in notices]
