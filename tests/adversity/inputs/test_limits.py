"""How much of anything is taken? Ids in a message, custom data (I6, I18)."""

import json
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from fault_server import FaultServer
from wire_clients import open_client

from adversity.story import Story
from pushwoosh_async import IOS, ConfigurationError, Notification

from .sending import IDS, Sending

MANY = [f"u{number}" for number in range(1001)]


@pytest.mark.row("I6")
@pytest.mark.parametrize("count", [1, 1000])
async def test_ids_in_one_message(server: FaultServer, story: Story, count: int) -> None:
    """The bounds themselves are fine."""
    async with open_client("httpx", server.url) as client:
        await client.create_message(Notification(content="Hello", users=MANY[:count]))
    reached = server.ledger.sent_to()
    assert reached == dict.fromkeys(MANY[:count], 1)
    story.saw(f"{count} in one message: {len(reached)} accepted")
    story.check("G1", "G2", "G3", by="the ledger, where each is once")


@pytest.mark.row("I6")
async def test_too_many_ids_in_one_message(server: FaultServer, story: Story) -> None:
    """The API takes a thousand, and nobody knows which thousand of more."""
    async with open_client("httpx", server.url) as client:
        with pytest.raises(ConfigurationError, match=r"at most 1000 ids .* got 1001") as caught:
            await client.create_message(Notification(content="Hello", users=MANY))
    assert (server.bytes_received, caught.value.delivery) == (0, "not_sent")
    error = f"{type(caught.value).__name__}, {caught.value.delivery}"
    story.saw(f"{len(MANY)} in one message: {error}, {server.bytes_received} bytes sent")
    story.check(
        "G1",
        "G2",
        "G3",
        by="the server's count of bytes, which is 0, and the error, which says not sent",
    )


def of_size(size: int) -> dict[str, str]:
    """Return data that takes so many bytes as JSON, in characters of three bytes as far as they go."""
    some = {"a": "\u20ac" * 1000}
    return {"a": some["a"] + "x" * (size - len(json.dumps(some, ensure_ascii=False).encode()) + 1)}


DATA: dict[str, Callable[[int], Notification]] = {
    "dict": lambda size: Notification(data=of_size(size)),
    "text": lambda size: Notification(data=" " * (size - 2) + "{}"),
    "wire": lambda size: Notification.from_wire({"data": of_size(size)}),
}


@pytest.mark.row("I18")
@pytest.mark.parametrize("make", DATA.values(), ids=DATA.keys())
async def test_data_that_no_phone_gets(
    sending: Sending, story: Story, make: Callable[[int], Notification]
) -> None:
    """The API takes it and the phones' makers do not: a warning, which a filter makes an error."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        await sending.put_right(IDS, make(4096))
        assert heard == []
    sending.journal.unlink()
    with pytest.warns(UserWarning, match=r"^data: takes over 4096 bytes") as caught:
        await sending.send(IDS, make(4097))
    texts = {str(each.message) for each in caught}
    story.saw(
        f"4096 bytes: nothing is said; 4097 bytes: {len(texts)} {caught[0].category.__name__}"
    )


@pytest.mark.row("I18")
async def test_data_that_a_filter_refuses(sending: Sending, story: Story) -> None:
    """Python's own option: whoever wants an error gets it before the journal."""
    note = Notification.from_wire({"data": of_size(4097)})
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "data: ", UserWarning)
        await sending.refused(UserWarning, IDS, note)
    await sending.put_right(IDS, Notification(data=of_size(4096)))


@pytest.mark.row("I18")
@pytest.mark.parametrize("wire", [False, True])
async def test_data_that_apple_documents(sending: Sending, story: Story, wire: bool) -> None:
    """At the root of an iOS payload the vendor names the limit itself: it is refused."""

    def make(size: int) -> Notification:
        params: dict[str, Any] = {"data": of_size(size)}
        if wire:
            return Notification.from_wire({"ios_root_params": params})
        return Notification(ios=IOS(root_params=params))

    try:
        note = make(4097)
    except ConfigurationError as error:
        sending.refused_when_made(error)
    else:
        await sending.refused(ConfigurationError, IDS, note)
    await sending.put_right(IDS, make(4096))
