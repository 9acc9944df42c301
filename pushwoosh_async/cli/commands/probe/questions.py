"""Which questions are there, and what does each cost? The table that the probe goes through."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pushwoosh_async.cli.commands.probe.findings import Finding
from pushwoosh_async.cli.commands.probe.idle import LIMIT, idle
from pushwoosh_async.cli.commands.probe.ids import ids
from pushwoosh_async.cli.commands.probe.prober import Prober
from pushwoosh_async.cli.commands.probe.rate import FLOOD_SECONDS, MOST, rate
from pushwoosh_async.cli.commands.probe.refusals import array, refused
from pushwoosh_async.cli.commands.probe.repeats import at_once, other_text, repeat
from pushwoosh_async.cli.commands.probe.scope import (
    APPLICATION,
    TOKEN,
    other_application,
    other_token,
)
from pushwoosh_async.cli.commands.probe.shapes import shapes
from pushwoosh_async.cli.commands.probe.window import (
    SLIDING_SECONDS,
    WINDOW_SECONDS,
    sliding,
    window,
)

SLOW = "--slow"
FLOOD = "--flood"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question of the API.

    Attributes:
        number: 1 to 11; a number with two halves has two questions.
        text: what is asked.
        ask: asks it, and judges what came back.
        assumptions: what it bears on; keys of `findings.ASSUMPTIONS`.
        requests: how many it makes at most.
        messages: how many can reach the test user at most.
        seconds: how long it waits.
        needs: the option without which it is not asked; empty for none.
    """

    number: int
    text: str
    ask: Callable[[Prober], Awaitable[Finding]]
    assumptions: tuple[str, ...]
    requests: int
    messages: int
    seconds: float = 0.0
    needs: str = ""


QUESTIONS = (
    Question(
        number=1,
        text="What answers a repeat?",
        ask=repeat,
        assumptions=("A1", "A6"),
        requests=2,
        messages=2,
    ),
    Question(
        number=2,
        text="Same id, another text?",
        ask=other_text,
        assumptions=("A1", "A2"),
        requests=3,
        messages=3,
    ),
    Question(
        number=3,
        text="Repeated after 290 s and 310 s?",
        ask=window,
        assumptions=("A1",),
        requests=8,
        messages=8,
        seconds=WINDOW_SECONDS,
        needs=SLOW,
    ),
    Question(
        number=4,
        text="Does a repeat make the window longer?",
        ask=sliding,
        assumptions=("A1",),
        requests=3,
        messages=3,
        seconds=SLIDING_SECONDS,
        needs=SLOW,
    ),
    Question(
        number=5,
        text="Two at once?",
        ask=at_once,
        assumptions=("A1",),
        requests=6,
        messages=6,
    ),
    Question(
        number=6,
        text="Same id, another application?",
        ask=other_application,
        assumptions=("scope rule",),
        requests=2,
        messages=2,
        needs=APPLICATION,
    ),
    Question(
        number=6,
        text="Same id, another token?",
        ask=other_token,
        assumptions=("A2",),
        requests=2,
        messages=2,
        needs=TOKEN,
    ),
    Question(
        number=7,
        text="Does a refusal use an id up?",
        ask=refused,
        assumptions=("A5",),
        requests=2,
        messages=2,
    ),
    Question(
        number=8,
        text="Which ids are taken?",
        ask=ids,
        assumptions=("id rule",),
        requests=7,
        messages=7,
    ),
    Question(
        number=9,
        text="Codes and unknown ids, under ten and over?",
        ask=shapes,
        assumptions=("code rule",),
        requests=2,
        messages=1,
    ),
    Question(
        number=10,
        text="Where does 429 begin?",
        ask=rate,
        assumptions=("rate rule", "A7"),
        requests=MOST + 1,
        messages=0,
        seconds=FLOOD_SECONDS,
        needs=FLOOD,
    ),
    Question(
        number=10,
        text="How long is an idle connection kept?",
        ask=idle,
        assumptions=("idle rule",),
        requests=1,
        messages=0,
        seconds=LIMIT,
        needs=SLOW,
    ),
    Question(
        number=11,
        text="An array with one wrong message?",
        ask=array,
        assumptions=("A8", "pack rule"),
        requests=4,
        messages=6,
    ),
)
