"""Ids that are none: of a wrong type, blank, half a character, too long (I4, I5, I8, I10)."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fault_server import accept, fault_server
from hypothesis import given, settings
from hypothesis import strategies as st

from adversity.effort import effort
from adversity.story import Story
from pushwoosh_async import ConfigurationError, SendReport

from .sending import IDS, Sending

AT = 7  # where the bad one stands, among twenty


async def _one_by_one(ids: Sequence[Any]) -> AsyncIterator[Any]:
    for each in ids:
        yield each


async def _in_pages(ids: Sequence[Any]) -> AsyncIterator[Sequence[Any]]:
    for start in range(0, len(ids), 7):
        yield ids[start : start + 7]


FORMS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "list": list,
    "iterator": iter,
    "in pages": _in_pages,
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())


class Name(str):
    """A str whose text could change after the check."""

    __slots__ = ()


class Choice(StrEnum):
    """An enum whose members are texts."""

    ONE = "u7"


def among_others(bad: object) -> list[Any]:
    """Put it among ids that are fine."""
    return [*IDS[:AT], bad, *IDS[AT + 1 :]]


@each_form
@pytest.mark.row("I4")
@pytest.mark.parametrize("bad", [7, None, True, b"u", {"u"}, 1.5, Name("u7"), Choice.ONE], ids=repr)
async def test_wrong_type(sending: Sending, bad: object, form: Callable[..., Any]) -> None:
    """The error names its place and type, and not what it is; dropping is for texts."""
    for kind, invalid in (("devices", "raise"), ("users", "drop")):
        audience = {"users": None, kind: form(among_others(bad))}
        error = await sending.refused(TypeError, **audience, invalid=invalid)
        assert str(error) == f"{kind}[{AT}]: expected a str, got {type(bad).__name__}"
        sending.journal.unlink()
    await sending.put_right(form(IDS))


BAD = {
    "I5": ["", " ", "\u200b", " canary", "canary ", "canary\n", "\tcanary", "canary\u00a0", "\r"],
    "I8": ["\ud800", "canary\udfff", "\udc00\ud800"],
    "I10": ["x" * 1025, "x" * 1_000_000, "\u00e9" * 1025],
}
BROKEN = [
    pytest.param(bad, marks=pytest.mark.row(row), id=f"{row}-{bad[:9]!r}")
    for row, texts in BAD.items()
    for bad in texts
]


@each_form
@pytest.mark.parametrize("bad", BROKEN)
async def test_broken_rule(sending: Sending, bad: str, form: Callable[..., Any]) -> None:
    """The error names its place and the rule, and not the id; then the same run goes on with a good one."""
    error = await sending.refused(ConfigurationError, form(among_others(bad)))
    assert str(error).startswith(f"users[{AT}]: an id ")
    assert "\n" not in str(error)
    assert "canary" not in f"{error!r}{error.report!r}"  # type: ignore[attr-defined]
    assert b"canary" not in sending.journal.read_bytes()
    await sending.put_right(form(IDS))


@pytest.mark.parametrize("bad", BROKEN)
async def test_broken_rule_dropped(sending: Sending, story: Story, bad: str) -> None:
    """Set aside, it is counted and labelled; the others get theirs."""
    found = await sending.labelled(inputs := among_others(bad), inputs, invalid="drop")
    story.saw(f"dropped: {found['accepted']} accepted, {found['invalid']} invalid")


@pytest.mark.row("I5")
async def test_late_in_a_list(sending: Sending) -> None:
    """A list is looked through before its first chunk leaves."""
    ids = [f"u{number}" for number in range(1999)]
    error = await sending.refused(ConfigurationError, [*ids, " "], chunk_size=1000)
    assert str(error).startswith("users[1999]: ")
    await sending.put_right([*ids, "v"], ids=[*ids, "v"], chunk_size=1000)


@pytest.mark.row("I5")
@pytest.mark.parametrize("form", [iter, _one_by_one, _in_pages], ids=["iter", "async", "pages"])
async def test_late_in_a_stream(
    sending: Sending, story: Story, form: Callable[[Sequence[str]], Any]
) -> None:
    """Who came before it may have got theirs, and is said to; a resume sends to the others alone."""
    ids = [f"u{number}" for number in range(60)]
    with pytest.raises(ConfigurationError, match=r"^users\[55\]: ") as caught:
        await sending.send(form([*ids[:55], " ", *ids[56:]]))
    report, reached = caught.value.report, sending.reached()
    assert isinstance(report, SendReport)
    assert set(reached) == set(ids[: report.accepted])
    assert (len(reached), report.in_doubt, report.input_complete) == (report.accepted, 0, False)
    assert 10 <= report.accepted <= 50
    kind = type(caught.value).__name__
    story.saw(f"late in a stream: {kind}; all that were reached are labelled accepted")
    await sending.put_right(form(ids), ids=ids)


def is_an_id(text: str) -> bool:
    """Tell what an id may be, in other words than the library's."""
    visible = any(unicodedata.category(sign) not in {"Zs", "Zl", "Zp", "Cf"} for sign in text)
    halves = any("\ud800" <= sign <= "\udfff" for sign in text)
    ends = text[:1].isspace() or text[-1:].isspace()
    return visible and not halves and not ends and 1 <= len(text) <= 1024


@pytest.mark.slow
@pytest.mark.row("I5")
def test_any_texts(story: Story) -> None:
    """Whatever texts are given, those that are ids are sent to as they stand, and the others counted."""
    odd = st.sampled_from(["", " ", "\u200b", "a ", "\u2028a", "a\x1f", "\ud800", "x" * 1025])

    wrong: list[str] = []

    @settings(max_examples=effort(30, 300))
    @given(
        st.lists(st.text(max_size=4) | odd | st.text("u \n\u200b\u2060", max_size=3), max_size=30)
    )
    def holds(texts: list[str]) -> None:
        async def main(folder: Path) -> None:
            async with fault_server(default=accept) as server:
                sending = Sending(folder, server, story)
                await sending.labelled(texts, texts, invalid="drop")
                wrong.extend(text for text in sending.reached() if not is_an_id(text))
                wrong.extend(filter(is_an_id, {*texts}.difference(sending.reached())))
            assert not wrong

        with TemporaryDirectory() as folder:
            asyncio.run(main(Path(folder)))

    holds()
    story.saw(f"any texts, dropped or sent: {len(wrong)} wrongly")
