"""One send on each kind of event loop that a service may run: the same results on all."""

import json

import pytest

from adversity.story import Story

from .loops import LOOPS
from .programs import Ended, run

STRICT_WARNINGS = ("-W", "error")


def assert_same_results(ended: Ended, story: Story) -> list[dict[str, object]]:
    """Everybody once, whatever was lost; nothing was complained of. Return what the program said."""
    assert (ended.code, ended.err) == (0, "")
    said = [json.loads(line) for line in ended.out.splitlines()]
    assert len(said) == 2
    for each in said:
        assert each["wrong"] == []
        assert (each["accepted"], each["on_repeat"], each["arrivals"]) == (40, 10, 5)
        accepted, on_repeat = each["accepted"], each["on_repeat"]
        story.saw(f"one answer lost: {accepted} accepted, {on_repeat} of them on repeat")
    story.check("G1", "G2", "G3", by="the ledger, the journal and the report, in its own process")
    return said


@pytest.mark.row("C8")
def test_uvloop(story: Story) -> None:
    """Its sockets, timers and tasks are others; what is said of whom is not."""
    ended = run("adversity.compatibility.one_send", "uvloop", switches=STRICT_WARNINGS)
    said = assert_same_results(ended, story)
    assert {each["loop"] for each in said} == {"uvloop"}


@pytest.mark.row("C9")
def test_debug_mode(story: Story) -> None:
    """Nothing is called from a wrong thread, and no coroutine is forgotten: asyncio would say so."""
    ended = run("adversity.compatibility.one_send", "debug", switches=STRICT_WARNINGS)
    said = assert_same_results(ended, story)
    assert {each["debug"] for each in said} == {True}


@pytest.mark.row("C10")
@pytest.mark.parametrize("when", ["eager", pytest.param("late", marks=pytest.mark.slow)])
def test_when_a_task_begins(story: Story, when: str) -> None:
    """At once inside whoever makes it, or some turns later: nothing rests on either."""
    if when not in LOOPS:
        story.lacks("eager tasks (Python 3.12)", instead="tasks that begin three turns late")
        when = "late"
    ended = run("adversity.compatibility.one_send", when, switches=STRICT_WARNINGS)
    assert_same_results(ended, story)
