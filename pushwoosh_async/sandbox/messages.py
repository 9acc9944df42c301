"""Which messages does the sandbox remember, and how far has each come? Never to whom they went."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

from attrs import define

from pushwoosh_async.sandbox.devices import Reach

Status = Literal["pending", "done", "canceled"]

# The vendor's ids passed 32 bits years ago [ES:964].
_FIRST_ID = 10_000_000_000


@define
class Message:
    """An accepted message that got a code.

    Attributes:
        id: the number the vendor counts by; a later message has a higher one.
        code: what the answer to its creation said.
        created: when it was accepted, in seconds since 1970.
        due: when it goes out, in seconds since 1970.
        fields: those of its wire fields that details and history show.
        reach: what it reaches when it goes out, in numbers.
    """

    id: int
    code: str
    created: float
    due: float
    fields: Mapping[str, Any]
    reach: Reach
    cancelled: bool = False

    @property
    def recipients(self) -> int:
        """How many ids or devices it was accepted for."""
        return sum(sum(counts.values()) for counts in self.reach.values())


class Messages:
    """The last messages that got a code; older ones are forgotten, as if they had never been.

    Args:
        limit: how many are kept.
        wall_clock: seconds since 1970, which decide whether a scheduled message is still pending.
    """

    def __init__(self, limit: int, wall_clock: Callable[[], float]) -> None:
        self._limit = limit
        self._wall_clock = wall_clock
        self.clear()

    def clear(self) -> None:
        """Forget all, and count from the first again."""
        self._serial = 0
        self._by_code: dict[str, Message] = {}

    def add(self, fields: Mapping[str, Any], reach: Reach, due: float | None) -> str:
        """Keep a message, and return the code it is given; it is due at once without a date."""
        self._serial += 1
        now = self._wall_clock()
        message = Message(
            id=_FIRST_ID + self._serial,
            code=_code(self._serial),
            created=now,
            due=now if due is None else due,
            fields=fields,
            reach=reach,
        )
        self._by_code[message.code] = message
        if len(self._by_code) > self._limit:
            self.remove(next(iter(self._by_code.values())))
        return message.code

    def remove(self, message: Message) -> None:
        """Forget a message."""
        del self._by_code[message.code]

    def find(self, code: object) -> Message | None:
        """Return the message with this code, or None."""
        return self._by_code.get(code) if isinstance(code, str) else None

    def find_by_id(self, number: int) -> Message | None:
        """Return the message with this id, or None."""
        return next((each for each in self._by_code.values() if each.id == number), None)

    def newest_first(self) -> Iterator[Message]:
        """Yield all that are kept."""
        return reversed(self._by_code.values())

    def status(self, message: Message) -> Status:
        """Return how far a message has come by now."""
        if message.cancelled:
            return "canceled"
        return "pending" if message.due > self._wall_clock() else "done"

    def today(self) -> date:
        """Return the day it is, in UTC."""
        return datetime.fromtimestamp(self._wall_clock(), UTC).date()


def _code(serial: int) -> str:
    # Odd factors permute 32 bits: the codes look like the vendor's and never meet.
    low, high = serial * 0x9E3779B1, serial * 0x85EBCA77
    return f"{serial & 0xFFFF:04X}-{high & 0xFFFFFFFF:08X}-{low & 0xFFFFFFFF:08X}"
