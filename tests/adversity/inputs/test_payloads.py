"""Messages that JSON cannot hold, and messages that are changed while they are sent (I16, I17, I20)."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fault_server import FaultServer, accept, fault_server
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_clients import open_client

from adversity.effort import effort
from adversity.story import Story
from pushwoosh_async import IOS, ConfigurationError, Geozone, Notification

from .sending import IDS, Sending

NAN, INF = float("nan"), float("inf")


def _itself() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["again"] = [value]
    return value


def _deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


NOT_FINITE: dict[str, Callable[[float], Notification]] = {
    "data": lambda value: Notification(data={"a": [1, value]}),
    "data as text": lambda value: Notification(data=f'{{"a": {json.dumps(value)}}}'),
    "template_bindings": lambda value: Notification(template_bindings={"a": value}),
    "root_params": lambda value: Notification(ios=IOS(root_params={"a": {"b": value}})),
    "extra": lambda value: Notification(extra={"new": value}),
    "conditions[0]": lambda value: Notification(conditions=[("Price", "GTE", value)]),
    "lat": lambda value: Notification(geozone=Geozone(lat=value, lng=1.0, range=1)),
    "data from the wire": lambda value: Notification.from_wire({"data": {"a": value}}),
}


async def refusal(sending: Sending, make: Callable[[Any], Notification], value: Any) -> str:
    """Return what is said where a message is made of a value, or sent; nobody gets it."""
    try:
        note = make(value)
    except (ConfigurationError, TypeError) as caught:
        error: Exception = caught
        sending.refused_when_made(error)
    else:
        error = await sending.refused(ConfigurationError, IDS, note)
    text = str(error)
    assert "\n" not in text
    assert len(text) < 400
    return text


@pytest.mark.row("I16")
@pytest.mark.parametrize("place", NOT_FINITE)
async def test_numbers_that_json_lacks(sending: Sending, place: str) -> None:
    """Python would write NaN, and no JSON reader has to take it."""
    for value in (NAN, INF, -INF):
        text = await refusal(sending, NOT_FINITE[place], value)
        assert text.startswith(place.split()[0]), value
    await sending.put_right(IDS, Notification(data={"a": [1, 1.5]}))


NO_JSON: dict[str, Any] = {
    "set": {"a"},
    "datetime": datetime(2026, 1, 1, tzinfo=UTC),
    "Decimal": Decimal("1.5"),
    "bytes": b"a",
    "object": object(),
    "holds itself": _itself(),
    "100,000 deep": _deep(100_000),
    "5000 digits": 10**5000,
    "beyond 64 bits": 2**63,
    "int keys": {1: "a"},
    "the same key twice": {1: "a", "1": "b"},
    "None key": {None: 1},
    "True key": {True: 1},
    "bytes key": {b"a": 1},
    "half a character": "\ud800",
    "half a character in a key": {"\ud800": 1},
}


FIELDS: dict[str, Callable[[Any], Notification]] = {
    "data": lambda value: Notification(data=value),
    "template_bindings": lambda value: Notification(template_bindings=value),
    "extra": lambda value: Notification(extra=value),
    "root_params": lambda value: Notification(ios=IOS(root_params=value)),
    "data from the wire": lambda value: Notification.from_wire({"data": value}),
}


@pytest.mark.row("I17")
@pytest.mark.parametrize("place", FIELDS)
async def test_what_json_has_no_form_for(sending: Sending, place: str) -> None:
    """Wherever it is hidden in a payload; where it lies is said, and in one line."""
    for name, value in NO_JSON.items():
        text = await refusal(sending, FIELDS[place], {"a": [0, value]})
        assert text.startswith(place.split()[0]), name
    await sending.put_right(IDS, Notification(data={"a": [0, "sound"]}))


POISON = st.sampled_from(
    [NAN, INF, {1}, b"a", Decimal(1), 2**63, {1: 2}, {None: 1}, "\ud800", object()]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
SOUND = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def payloads(draw: st.DrawFn) -> tuple[dict[str, Any], bool]:
    """Draw a payload, and whether something in it cannot be sent."""
    bad = draw(st.booleans())
    value = draw(POISON if bad else SOUND)
    for _ in range(draw(st.integers(0, 4))):
        beside = draw(SOUND)
        value = draw(st.sampled_from([[beside, value], [value, beside], {"k": value, "l": beside}]))
    return {"a": value}, bad


@pytest.mark.slow
@pytest.mark.row("I17")
def test_any_payload(story: Story) -> None:
    """What JSON can hold arrives equal; whatever holds something else, anywhere, is refused."""
    wrong: list[Any] = []

    async def arrives(data: dict[str, Any], folder: Path) -> None:
        async with fault_server(default=accept) as server:
            sending = Sending(folder, server, story)
            await sending.put_right(IDS, Notification(data=data))
            sent = [
                json.loads(each.body)["request"]["notifications"][0] for each in server.complete
            ]
            wrong.extend(each["data"] for each in sent if each["data"] != data)

    @settings(max_examples=effort(60, 500))
    @given(payloads())
    def holds(payload: tuple[dict[str, Any], bool]) -> None:
        data, bad = payload
        if bad:
            with pytest.raises((TypeError, ConfigurationError), match=r"^data\.a"):
                Notification(data=data)
            return
        with TemporaryDirectory() as folder:
            asyncio.run(arrives(data, Path(folder)))
        assert not wrong

    holds()
    story.saw(f"any payload: refused where it cannot be sent, {len(wrong)} arrived changed")


def _spoil_data(note: Notification, data: dict[str, Any], ids: list[str]) -> None:
    data["list"].append("more")
    data["list"][0] = object()
    data.clear()


def _spoil_message(note: Notification, data: dict[str, Any], ids: list[str]) -> None:
    assert isinstance(note.data, dict)
    note.data["list"] = NAN
    object.__setattr__(note, "content", "Bye")


def _clear_list(note: Notification, data: dict[str, Any], ids: list[str]) -> None:
    ids.clear()


def _spoil_list(note: Notification, data: dict[str, Any], ids: list[str]) -> None:
    ids[15:] = ["", 7, "stranger"] * 20  # type: ignore[list-item]


@pytest.mark.row("I20")
@pytest.mark.parametrize("when", ["before it is awaited", "after its first chunk"])
@pytest.mark.parametrize("spoil", [_spoil_data, _spoil_message, _clear_list, _spoil_list])
async def test_changed_by_the_caller(
    sending: Sending,
    story: Story,
    server: FaultServer,
    spoil: Callable[[Notification, dict[str, Any], list[str]], None],
    when: str,
) -> None:
    """The message and the list are those of the call, down to the last byte; and so for a resume."""
    data, ids = {"list": [1, 2], "text": "a"}, list(IDS)
    note = Notification(content="Hello", data=data)
    async with open_client("httpx", server.url) as client:
        run = client.fan_out(note, users=ids, journal=sending.journal, chunk_size=5, concurrency=1)
        if when == "before it is awaited":
            spoil(note, data, ids)
        async with run:
            async for outcome in run:
                if when == "after its first chunk" and outcome.start == 0:
                    spoil(note, data, ids)
    seen = [json.loads(each.body)["request"]["notifications"][0] for each in server.complete]
    bodies = {(each["content"], json.dumps(each["data"])) for each in seen}
    assert bodies == {("Hello", '{"list": [1, 2], "text": "a"}')}
    story.saw(f"{len(bodies)} message in {len(seen)} requests")
    same = Notification(content="Hello", data={"list": [1, 2], "text": "a"})
    await sending.put_right(IDS, same, chunk_size=5)
    assert len(server.complete) == len(seen)
