"""What does the server do with a request, and when? Independent of the code under test: it reads bytes.

It keeps its word (delivery.md 2.2): an id is dropped for `W` seconds from its first acceptance, and
nothing is committed later than T + 75 s after it was handed over.
"""

import json
from collections import Counter, defaultdict
from typing import Any, Literal, TypeAlias

from attrs import frozen

from pushwoosh_async._wire.reply import Reply

Personality: TypeAlias = Literal["same", "empty", "210", "409"]
PERSONALITIES: tuple[Personality, ...] = ("same", "empty", "210", "409")

# What becomes of a request: processed at once, later, or never; or stopped at the gateway.
Fate: TypeAlias = Literal["now", "late", "never", "limited", "revoked"]
FATES: tuple[Fate, ...] = ("now", "late", "never", "limited", "revoked")

W = 300.0
LATEST = 30.0 + 75.0  # assumption A3, of a request whose body adds nothing to T


@frozen(order=True)
class _Late:
    due: float
    transaction_id: str
    ids: tuple[str, ...]


class ServerModel:
    """A server that keeps its word, whatever it answers.

    Attributes:
        taken: how often each transaction id was accepted.
        got: how often each recipient was sent to.
        handed_over: when each transaction id may first have been processed.
        refused: recipients that make it answer 210.
        requests: how many whole requests came.
    """

    def __init__(
        self, personality: Personality, refused: set[str], *, honest_gateway: bool
    ) -> None:
        self.taken: Counter[str] = Counter()
        self.got: Counter[str] = Counter()
        self.handed_over: dict[str, float] = {}
        self.refused = refused
        self.requests = 0
        self._personality = personality
        self._honest_gateway = honest_gateway
        self._first: dict[str, float] = {}
        self._late: list[_Late] = []
        self._bytes: dict[str, bytes] = {}
        self._senders: dict[str, set[str]] = defaultdict(set)

    def outstanding(self) -> set[str]:
        """Return the transaction ids that are still to be processed."""
        return {late.transaction_id for late in self._late}

    def waited_for(self) -> set[str]:
        """Return the recipients of what is still to be processed."""
        return {name for late in self._late for name in late.ids}

    def receive(self, body: bytes, now: float, fate: Fate, delay: float) -> Reply | None:
        """Take a whole request; return the answer, or None where none comes in time.

        Args:
            body: its bytes.
            now: true seconds.
            fate: what becomes of it.
            delay: with "late", after how many seconds.
        """
        self.requests += 1
        request = json.loads(body)["request"]
        (notification,) = request["notifications"]
        tid, ids = notification["transactionId"], tuple(notification["users"])
        self._check_identical(tid, body)
        if fate == "limited" and not self._honest_gateway:
            self._late.append(_Late(now + delay, tid, ids))
        if fate == "limited":
            return reply(429)
        if fate == "revoked":
            return reply(200, status_code=401)
        self.handed_over.setdefault(tid, now)
        if fate == "late":
            self._late.append(_Late(now + delay, tid, ids))
        return self._process(tid, ids, now) if fate == "now" else None

    def catch_up(self, now: float) -> None:
        """Process what was delayed until now."""
        due = sorted(late for late in self._late if late.due <= now)
        self._late = [late for late in self._late if late.due > now]
        for late in due:
            self._process(late.transaction_id, late.ids, late.due)

    def _process(self, tid: str, ids: tuple[str, ...], now: float) -> Reply:
        if tid in self._first and now - self._first[tid] < W:
            return self._answer_repeat()
        if self.refused.intersection(ids):
            return reply(200, status_code=210, status_message="No notifications")
        self._first[tid] = now
        self.taken[tid] += 1
        self.got.update(ids)
        return reply(200, status_code=200, response={"Messages": ["AB-CD"]})

    def _answer_repeat(self) -> Reply:
        if self._personality == "same":
            return reply(200, status_code=200, response={"Messages": ["AB-CD"]})
        if self._personality == "empty":
            return reply(200, status_code=200, response={"Messages": []})
        if self._personality == "210":
            return reply(200, status_code=210, status_message="Duplicate")
        return reply(409)

    def _check_identical(self, tid: str, body: bytes) -> None:
        """A2: the window protects a repeat of the same bytes."""
        assert self._bytes.setdefault(tid, body) == body, f"{tid} comes with other bytes"


def reply(status: int, **body: Any) -> Reply:
    """Write an answer."""
    return Reply(status, {}, json.dumps(body).encode())
