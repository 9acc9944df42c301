"""Readers of foreign bytes: nothing but our own errors escapes, in bounded time and memory.

What once broke something lies in the corpus and goes through its target each time.
"""

import tracemalloc
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from adversity.effort import effort
from adversity.story import Story

from .mutating import mutated
from .searching import has_atheris, search
from .swollen import LONG, swollen, swollen_journals
from .target import Target
from .targets import TARGETS

SECONDS = effort(20, 300)  # of atheris, over all targets
MEMORY = 32 * 2**20 + 256 * LONG  # bytes that an input may take, packed or long


def each_target(*, row: str = "", slow: Collection[str] = ()) -> pytest.MarkDecorator:
    """Repeat a test over the targets, each under its own row, or all under one."""
    marks = {
        name: [pytest.mark.row(row or each.row), *([pytest.mark.slow] if name in slow else [])]
        for name, each in TARGETS.items()
    }
    return pytest.mark.parametrize(
        "target",
        [pytest.param(each, id=name, marks=marks[name]) for name, each in TARGETS.items()],
    )


@each_target()
def test_kept_inputs(target: Target, story: Story) -> None:
    """All that was ever found goes through."""
    kept = target.corpus()
    held = sum(bool(target.feed(path.read_bytes())) for path in kept)

    assert held == len(kept) > 1
    story.saw(f"{target.name}: {held} kept inputs held")


@each_target()
def test_mutated_inputs(target: Target, story: Story) -> None:
    """Kept inputs, cut, joined and strewn with tokens."""
    told = _hypothesis(target, effort(150, 5_000))

    story.saw(f"{target.name}: {_words(told)}")


@pytest.mark.slow
@each_target()
def test_searched_inputs(target: Target, story: Story, tmp_path: Path) -> None:
    """Inputs that are made to reach new code."""
    if not has_atheris():
        story.lacks("atheris", instead="more examples of hypothesis")
        story.saw(f"{target.name}: {_words(_hypothesis(target, effort(3000, 10_000)))}")
        return
    found = search(target.name, max(2, SECONDS // len(TARGETS)), tmp_path)

    assert not found.broken, found.broken
    assert found.edges > 0
    story.saw(
        f"{target.name}: searched in over {10 ** (len(str(found.runs)) - 1):,} steps, nothing else"
    )


@each_target(row="F7", slow=("answer", "recipients"))
def test_swollen_inputs(target: Target, story: Story) -> None:
    """Time is held by the target itself, in proportion to the bytes; memory here."""
    inputs: Iterable[bytes] = swollen_journals(target) if target.name == "journal" else swollen()
    told: set[str] = set()
    for data in inputs:
        told.add(target.feed(data))
        most = _peak(target, data)
        assert most < MEMORY, f"{most} bytes for {data[:60]!r}"

    ways = "read, or refused" if len(told) > 1 else "refused"
    story.saw(f"{ways} in less than {MEMORY // 2**20} MiB and {target.slowest(LONG):.1f} s")


def _peak(target: Target, data: bytes) -> int:
    """Return the bytes that a reader has at once."""
    tracemalloc.start()
    try:
        target.read(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _hypothesis(target: Target, examples: int) -> set[str]:
    """Return what became of so many examples."""
    told = set()

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(mutated(target))
    def feed(data: bytes) -> None:
        told.add(target.feed(data))

    feed()
    return told


def _words(told: set[str]) -> str:
    """Return what may become of an input, each way once."""
    ways = {way for each in told for way in each.split(" or ")}
    return " or ".join(sorted(ways))
