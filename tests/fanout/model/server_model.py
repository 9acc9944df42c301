"""What does the server do with a request, and when? Independent of the code under test: it reads bytes.

It keeps its word (delivery.md 2.2): an id is dropped for `W` seconds from its first acceptance, whatever
request carries it; nothing is committed later than T + 75 s after it was handed over; a refusal of a
request with one notification comes from before any send; and as many codes as notifications mean that all
of them were taken, or had been. What it does not say it does as badly as can be: of a pack that it refuses,
or does not answer, it may have taken any part.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeAlias

from attrs import frozen

from pushwoosh_async._wire.reply import Reply

Personality: TypeAlias = Literal["same", "empty", "210", "409"]
PERSONALITIES: tuple[Personality, ...] = ("same", "empty", "210", "409")

# What becomes of a request: processed at once, later, never, or in part; or stopped at the gateway.
Fate: TypeAlias = Literal["now", "late", "never", "part", "limited", "revoked", "malformed"]
FATES: tuple[Fate, ...] = ("now", "late", "never", "part", "limited", "revoked", "malformed")

W = 300.0
# A byte stands for 200 kB, so that a pack of six takes two minutes longer than nothing.
MB_PER_BYTE = 0.2
_TIMEOUT = 30.0
_LATEST = 75.0
_STOPPED = {"limited": 429, "revoked": 401, "malformed": 400}


@frozen(order=True)
class _Object:
    """A notification on the wire."""

    transaction_id: str
    ids: tuple[str, ...]
    text: str


@frozen(order=True)
class _Late:
    due: float
    what: _Object


def latest(notifications: int) -> float:
    """Return how late a request may be committed, told the bytes of its notifications (A3)."""
    return _TIMEOUT + notifications * MB_PER_BYTE + _LATEST


class ServerModel:
    """A server that keeps its word, whatever it answers.

    Attributes:
        taken: how often each transaction id was accepted.
        got: how often each recipient was sent to.
        handed_over: when each transaction id may first have been processed.
        refused: recipients that make it answer 210.
        requests: how many whole requests came.
        packs: how many of them held several notifications.

    With `all_or_nothing` it takes nothing of a pack with something amiss in it, else the rest; where it
    has no code for one, it says null, else nothing.
    """

    def __init__(
        self,
        personality: Personality,
        refused: set[str],
        *,
        all_or_nothing: bool,
        honest_gateway: bool,
    ) -> None:
        self.taken: Counter[str] = Counter()
        self.got: Counter[str] = Counter()
        self.handed_over: dict[str, float] = {}
        self.refused = refused
        self.requests = 0
        self.packs = 0
        self._personality = personality
        self._all_or_nothing = all_or_nothing
        self._honest_gateway = honest_gateway
        self._first: dict[str, float] = {}
        self._late: list[_Late] = []
        self._texts: dict[str, str] = {}

    def outstanding(self) -> set[str]:
        """Return the transaction ids that are still to be processed."""
        return {late.what.transaction_id for late in self._late}

    def waited_for(self) -> set[str]:
        """Return the recipients of what is still to be processed."""
        return {name for late in self._late for name in late.what.ids}

    def receive(self, body: bytes, now: float, fate: Fate, delay: float) -> Reply | None:
        """Take a whole request; return the answer, or None where none comes in time.

        Args:
            body: its bytes.
            now: true seconds.
            fate: what becomes of it.
            delay: with "late", after how many seconds at most.
        """
        objects = list(_objects(body))
        self.requests += 1
        self.packs += len(objects) > 1
        self._check_identical(objects)
        if fate == "limited" and not self._honest_gateway:
            self._delay(objects, now, delay)
            return reply(429)
        if fate in _STOPPED and len(objects) == 1:
            return reply(_STOPPED[fate])
        for each in objects:
            self.handed_over.setdefault(each.transaction_id, now)
        if fate == "late":
            self._delay(objects, now, delay)
        elif fate == "now":
            return self._process(objects, now)
        elif fate != "never":
            # Of one nothing, of several the first half, whatever it answers.
            self._take(objects[: len(objects) // 2], now)
        return reply(_STOPPED[fate]) if fate in _STOPPED else None

    def catch_up(self, now: float) -> None:
        """Process what was delayed until now."""
        due = sorted(late for late in self._late if late.due <= now)
        self._late = [late for late in self._late if late.due > now]
        for late in due:
            self._take([late.what], late.due)

    def _delay(self, objects: Sequence[_Object], now: float, delay: float) -> None:
        """Let them come one by one, the last after `delay` seconds."""
        delay = min(delay, latest(sum(len(each.text) for each in objects)))
        for number, each in enumerate(objects, 1):
            self._late.append(_Late(now + delay * number / len(objects), each))

    def _process(self, objects: Sequence[_Object], now: float) -> Reply:
        """Take what can be taken, and answer."""
        judged = [self._judge(each, now) for each in objects]
        refused, repeated = "refused" in judged, "repeated" in judged
        amiss = refused or (repeated and self._personality != "same")
        if not (amiss and self._all_or_nothing):
            self._take(objects, now)
        if repeated and self._personality == "409":
            return reply(409)
        if repeated and self._personality == "210":
            return reply(200, status_code=210, status_message="Duplicate")
        if refused and (self._personality != "empty" or len(objects) == 1):
            return reply(200, status_code=210, status_message="No notifications")
        coded = {"new", "repeated"} if self._personality == "same" else {"new"}
        codes = ["AB-CD" if each in coded else None for each in judged]
        if not self._all_or_nothing:
            codes = [code for code in codes if code is not None]
        return reply(200, status_code=200, response={"Messages": codes})

    def _judge(self, what: _Object, now: float) -> Literal["new", "repeated", "refused"]:
        first = self._first.get(what.transaction_id)
        if first is not None and now - first < W:
            return "repeated"
        return "refused" if self.refused.intersection(what.ids) else "new"

    def _take(self, objects: Sequence[_Object], now: float) -> None:
        for each in objects:
            if self._judge(each, now) == "new":
                self._first[each.transaction_id] = now
                self.taken[each.transaction_id] += 1
                self.got.update(each.ids)

    def _check_identical(self, objects: Sequence[_Object]) -> None:
        """A2: the window protects a repeat of the same bytes, between the braces of the notification."""
        for each in objects:
            said = self._texts.setdefault(each.transaction_id, each.text)
            assert said == each.text, f"{each.transaction_id} comes with other bytes"


def _objects(body: bytes) -> Iterator[_Object]:
    """Cut a request's notifications out, as they stand there."""
    text = body.decode()
    name = '"notifications":['
    at = text.index(name) + len(name)
    while text[at] == "{":
        found, end = _DECODER.raw_decode(text, at)
        yield _Object(found["transactionId"], tuple(found["users"]), text[at:end])
        at = end + (text[end] == ",")


_DECODER = json.JSONDecoder()


def reply(status: int, **body: Any) -> Reply:
    """Write an answer."""
    return Reply(status, {}, json.dumps(body).encode())
