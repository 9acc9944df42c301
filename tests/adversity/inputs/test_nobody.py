"""Audiences of nobody, and what is no audience: never is either of them everybody (I1 to I3, I19)."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adversity.story import Story
from pushwoosh_async import ConfigurationError, Notification, read_ids

from .sending import HELLO, IDS, Sending


async def _none() -> AsyncIterator[str]:
    for name in list[str]():
        yield name


async def _empty_pages() -> AsyncIterator[list[str]]:
    for _ in range(3):
        yield []


def _exhausted() -> Iterator[str]:
    generator = (name for name in ["u1"])
    list(generator)
    return generator


class _Lists:
    """An async iterable that is no generator, and has nothing."""

    def __aiter__(self) -> "_Lists":
        return self

    async def __anext__(self) -> list[str]:
        raise StopAsyncIteration


EMPTY: dict[str, Callable[[], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "range": lambda: range(0),
    "iterator": lambda: iter(()),
    "exhausted generator": _exhausted,
    "async generator": _none,
    "empty pages": _empty_pages,
    "async iterable": _Lists,
}

FILES: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("\ufeff", {}),
    ("user_id\n", {"column": "user_id"}),
    ("", {"field": "id"}),
]

NO_AUDIENCE: dict[str, dict[str, Any]] = {
    "neither": {},
    "None": {"users": None},
    "two Nones": {"users": None, "devices": None},
}
NOT_IDS: dict[str, Any] = {
    "str": "user_1",
    "empty str": "",
    "bytes": b"user_1",
    "bytearray": bytearray(b"user_1"),
    "dict": {"u1": 1},
    "number": 7,
    "function": _none,
    "notification": HELLO,
}


async def _ends_well(
    sending: Sending, story: Story, make: Callable[[], Any], kind: str = "users"
) -> None:
    """Nobody to send to is no error; a resume asks for nothing either."""
    for session in ("", "; resumed: "):
        report = await sending.send(**{"users": None, kind: make()})
        assert (report.total, report.stopped) == (0, "")
        story.saw(f"{session}{report.total} recipients, {sending.nobody()}".removeprefix("; "))
    story.check("G1", "G2", "G3", by="no byte at the server, nobody in report or journal")


@pytest.mark.row("I1")
@pytest.mark.parametrize("kind", ["users", "devices"])
@pytest.mark.parametrize("make", EMPTY.values(), ids=EMPTY.keys())
async def test_empty_source(
    sending: Sending, story: Story, make: Callable[[], Any], kind: str
) -> None:
    """Whatever form the nothing has."""
    await _ends_well(sending, story, make, kind)


@pytest.mark.row("I1")
@pytest.mark.parametrize(("text", "options"), FILES)
async def test_empty_file(
    sending: Sending, story: Story, tmp_path: Path, text: str, options: dict[str, Any]
) -> None:
    """A file without ids, with a header or without."""
    path = tmp_path / "ids"
    path.write_text(text, "utf-8")
    await _ends_well(sending, story, lambda: read_ids(path, **options))


@pytest.mark.row("I2")
@pytest.mark.parametrize("audience", NO_AUDIENCE.values(), ids=NO_AUDIENCE.keys())
async def test_none(sending: Sending, audience: dict[str, Any]) -> None:
    """A name that was never filled in is a mistake of the program."""
    error = await sending.refused(TypeError, **{"users": None, **audience})
    assert str(error).startswith("fan_out: give users= or devices=")
    await sending.put_right(IDS)


@pytest.mark.row("I3")
@pytest.mark.parametrize("audience", NOT_IDS.values(), ids=NOT_IDS.keys())
async def test_what_is_no_list_of_ids(sending: Sending, audience: Any) -> None:
    """The letters of a str, the numbers of bytes and the keys of a dict are nobody's ids."""
    for kind in ("users", "devices"):
        error = await sending.refused(TypeError, **{"users": None, kind: audience})
        assert str(error).startswith(f"{kind}: expected an iterable")
    await sending.put_right(IDS)


TWO: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "users and devices": ({"devices": ["d"]}, TypeError),
    "both empty": ({"users": [], "devices": []}, TypeError),
    "users in the message": ({"note": Notification(users=["u"])}, ConfigurationError),
    "devices in the message": ({"note": Notification(devices=["d"])}, ConfigurationError),
    "filter in the message": ({"note": Notification(filter="f")}, ConfigurationError),
    "conditions": ({"note": Notification(conditions=[("A", "ANY")])}, ConfigurationError),
}


@pytest.mark.row("I19")
@pytest.mark.parametrize(("given", "kind"), TWO.values(), ids=TWO.keys())
async def test_two_audiences(
    sending: Sending, given: dict[str, Any], kind: type[Exception]
) -> None:
    """In one call, or one in the call and one in its message."""
    await sending.refused(kind, **{"users": ["u"], **given})
    await sending.put_right(IDS)
