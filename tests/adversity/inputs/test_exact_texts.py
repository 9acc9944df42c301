"""Ids that look odd or alike: each arrives as it was given (I7, I9, I15)."""

import asyncio
import unicodedata
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from fault_server import accept, fault_server
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adversity.effort import effort
from adversity.story import Story

from .sending import IDS, Sending

ODD = [
    ".a.",
    "a\x00b",
    "a\x1bb",
    "a\u2028b",
    '"',
    "\\",
    "\\u0041",
    "\U0001f600",
    "\u05d0\u202eb",
    "</b>",
]
ALIKE = [
    "\u00e9",
    "e\u0301",
    "E\u0301",
    "\u00c9",
    "u1",
    "U1",
    "\u212a",
    "K",
    "k",
    "\ufb01",
    "fi",
    "1",
    "01",
]

FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")

# Nothing at an end that a blank could be, and always something visible.
EXACT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda text: f"<{text}>")


def _each_arrives(
    story: Story, ids: list[str], **options: Any
) -> tuple[Counter[str], Counter[str]]:
    """Send to them in a new folder; return what was reached, and the labels."""

    async def main(folder: Path) -> tuple[Counter[str], Counter[str]]:
        async with fault_server(default=accept) as server:
            sending = Sending(folder, server, story)
            labels = await sending.labelled(ids, ids, **options)
            return sending.reached(), labels

    with TemporaryDirectory() as folder:
        return asyncio.run(main(Path(folder)))


@pytest.mark.row("I7")
@pytest.mark.parametrize("dedupe", [False, True])
def test_odd_ids(story: Story, dedupe: bool) -> None:
    """What is sent is JSON that any reader takes back to the very text."""
    reached, labels = _each_arrives(story, ODD, dedupe=dedupe)
    assert reached == Counter(ODD)
    story.saw(f"{labels['accepted']} odd ids: {len(reached)} arrived as given")


@pytest.mark.slow
@pytest.mark.row("I7")
def test_any_ids(story: Story) -> None:
    """The same of any text that can be an id."""
    changed: list[str] = []

    @settings(max_examples=effort(30, 300))
    @given(st.lists(EXACT, min_size=1, max_size=40, unique=True))
    def holds(ids: list[str]) -> None:
        reached, _ = _each_arrives(story, ids)
        changed.extend(set(ids) ^ set(reached))
        assert not changed

    holds()
    story.saw(f"any texts: {len(changed)} changed on the way")


@pytest.mark.row("I9")
@pytest.mark.parametrize("dedupe", [False, True])
def test_alike_ids(story: Story, dedupe: bool) -> None:
    """Neither normal form nor case makes two ids one, also where repeats are set aside."""
    reached, labels = _each_arrives(story, ALIKE, dedupe=dedupe)
    assert reached == Counter(ALIKE)
    assert labels["duplicate"] == 0
    folded = {unicodedata.normalize("NFKC", text).casefold() for text in ALIKE}
    story.saw(f"{len(ALIKE)} ids that fold to {len(folded)}: {len(reached)} recipients")


@pytest.mark.slow
@pytest.mark.row("I9")
def test_any_alike_ids(story: Story) -> None:
    """A text and its four normal forms, upper and lower case: as many recipients as there are texts."""

    @settings(max_examples=effort(30, 300))
    @given(st.lists(EXACT, max_size=5))
    @example(["<\u1e9b\u0323>"])
    def holds(texts: list[str]) -> None:
        forms = {unicodedata.normalize(kind, text) for text in texts for kind in FORMS}
        forms |= {each for text in texts for each in (text, text.upper(), text.lower())}
        reached, labels = _each_arrives(story, sorted(forms), dedupe=True)
        assert labels["duplicate"] == 0
        mixed.extend(forms ^ set(reached))
        assert not mixed

    mixed: list[str] = []
    holds()
    story.saw(f"normal forms and cases of any texts: {len(mixed)} taken for another")


@pytest.mark.row("I15")
@pytest.mark.parametrize("dedupe", [False, True])
def test_repeats_within_and_across_chunks(story: Story, dedupe: bool) -> None:
    """Beside each other, in another chunk, and a whole chunk over again."""
    ids = [*IDS[:5], *IDS[:5], *IDS, *IDS[:10]]
    reached, labels = _each_arrives(story, ids, dedupe=dedupe)
    assert reached == (Counter(IDS) if dedupe else Counter(ids))
    most = max(reached.values())
    words = f"{labels['accepted']} accepted, {labels['duplicate']} duplicates"
    asked = "at most {} x to an id" if dedupe else "an id given {} x reached as often, as asked"
    story.saw(f"dedupe={dedupe}: {words}, {asked.format(most)}")


@pytest.mark.slow
@pytest.mark.row("I15")
def test_any_repeats(story: Story) -> None:
    """Once each, or once per position, wherever chunks end; also among ids that are dropped."""

    @settings(max_examples=effort(30, 300))
    @given(
        st.lists(st.sampled_from([*IDS[:12], " "]), max_size=60), st.booleans(), st.integers(1, 15)
    )
    def holds(ids: list[str], dedupe: bool, size: int) -> None:
        reached, labels = _each_arrives(story, ids, dedupe=dedupe, chunk_size=size, invalid="drop")
        sent = Counter(each for each in ids if each != " ")
        wanted = Counter(set(sent)) if dedupe else sent
        wrong.extend((reached - wanted) + (wanted - reached))
        assert not wrong
        assert labels["duplicate"] == sent.total() - wanted.total()

    wrong: list[str] = []
    holds()
    story.saw(f"any repeats: {len(wrong)} recipients reached too often or too seldom")
