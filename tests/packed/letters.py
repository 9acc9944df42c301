"""Which notifications do these tests send? Each has its own text, and twelve users of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from pushwoosh_async import Notification
from pushwoosh_async.sandbox import Sandbox

EACH = 12  # enough for a message code


def letters(count: int) -> list[Notification]:
    """Return so many notifications, each with its own text, and twelve users of its own."""
    return [
        Notification(content=f"letter {at}", users=[f"{at}-{number}" for number in range(EACH)])
        for at in range(count)
    ]


def ids_of(sent: list[Notification]) -> list[str]:
    """Return all their recipients, in order."""
    return [each for one in sent for each in (one.users or one.devices or ())]


def assert_delivered(sandbox: Sandbox, sent: list[Notification]) -> None:
    """Check that each of them went out once, to its own audience, and nothing else did."""
    found = {each["content"]: each for each in sandbox.ledger.notifications}
    assert len(found) == len(sandbox.ledger.notifications) == len(sent)
    for each in sent:
        arrived = found[each.to_wire()["content"]]
        assert arrived.get("users") == (None if each.users is None else list(each.users))
        assert arrived.get("devices") == (None if each.devices is None else list(each.devices))


def generated(sent: list[Notification]) -> Iterator[Notification]:
    yield from sent


async def streamed(sent: list[Notification]) -> AsyncIterator[Notification]:
    for each in sent:
        yield each
        await asyncio.sleep(0)


async def paged(sent: list[Notification]) -> AsyncIterator[list[Notification]]:
    for start in range(0, len(sent), 7):
        yield sent[start : start + 7]
