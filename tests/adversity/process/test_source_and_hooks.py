"""What the caller's own code raises in the middle of a run: drained, raised as it is, and on the books."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fault_server import accept, fault_server, processed, reset_after_body
from wire_clients import Way, each_own_way

from adversity.story import Story
from adversity.trial import Told, Trial
from pushwoosh_async import AttemptEvent, Hooks, OutcomeEvent, RetryEvent, SendReport

from .cancelling import entered


class MineError(Exception):
    """What the caller's code raises."""


class Bomb:
    """Raises at its n-th call, and at no other.

    Attributes:
        went_off: whether it has.
    """

    def __init__(self, number: int) -> None:
        self._left = number
        self.went_off = False

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.went_off = True
            raise MineError


class OnAttempt(Hooks):
    """Goes off behind an intent, before its first byte."""

    def __init__(self, bomb: Bomb) -> None:
        self._bomb = bomb

    def on_attempt(self, event: AttemptEvent) -> None:
        self._bomb()


class OnRetry(Hooks):
    """Goes off while a doubt waits to be repeated."""

    def __init__(self, bomb: Bomb) -> None:
        self._bomb = bomb

    def on_retry(self, event: RetryEvent) -> None:
        self._bomb()


class OnOutcome(Hooks):
    """Goes off behind an answer."""

    def __init__(self, bomb: Bomb) -> None:
        self._bomb = bomb

    def on_outcome(self, event: OutcomeEvent) -> None:
        self._bomb()


def token(bomb: Bomb) -> Callable[[], str]:
    """Return a token function that goes off."""

    def provide() -> str:
        bomb()
        return "TOKEN-OF-THE-TESTS"

    return provide


def late_token(bomb: Bomb) -> Callable[[], Any]:
    """Return one that has to be awaited."""

    async def provide() -> str:
        bomb()
        return "TOKEN-OF-THE-TESTS"

    return provide


CALLBACKS: dict[str, Callable[[], tuple[Bomb, dict[str, Any]]]] = {
    "on_attempt": lambda: (bomb := Bomb(3), {"hooks": OnAttempt(bomb)}),
    "on_retry": lambda: (bomb := Bomb(1), {"hooks": OnRetry(bomb)}),
    "on_outcome": lambda: (bomb := Bomb(2), {"hooks": OnOutcome(bomb)}),
    "token": lambda: (bomb := Bomb(3), {"api_token": token(bomb)}),
    "async token": lambda: (bomb := Bomb(3), {"api_token": late_token(bomb)}),
}


@each_own_way
@pytest.mark.parametrize("where", CALLBACKS)
@pytest.mark.row("P16")
async def test_a_callback_raises(tmp_path: Path, story: Story, way: Way, where: str) -> None:
    """The run ends with that very error; what it had begun is on the books, and a resume sends the rest."""
    bomb, options = CALLBACKS[where]()
    async with fault_server(accept, processed(reset_after_body), default=accept) as server:
        trial = Trial(tmp_path, server, Story("P16"), way=way)
        async with trial.begin(**options) as begun:
            with pytest.raises(MineError) as caught:
                await entered(begun.run)
            begun.error = caught.value
        assert bomb.went_off
        report = trial.sessions[0].report
        assert report.stopped == "MineError was raised"
        assert report.in_doubt in {0, 10}
        assert report.not_sent > 0
        tell(story, where, report, await trial.end_well())


def tell(story: Story, where: str, report: SendReport, resumed: Told) -> None:
    """Tell what came of it, without what is chance: how many were sent to by then."""
    assert resumed.report.accepted == 40
    left = "the rest not sent" if report.not_sent else "nobody left"
    story.saw(f"{where}: {report.stopped}, {left}; resumed: {resumed.report.accepted} accepted")
    story.check("G1", "G2", "G3", by="the ledger, the journal, and the report of each run")


def raising(ids: list[str]) -> Iterator[str]:
    """Yield ids, then raise."""
    yield from ids
    raise MineError


async def raising_late(ids: list[str]) -> AsyncIterator[str]:
    """Yield ids, then raise."""
    for each in ids:
        yield each
    raise MineError


async def raising_between_pages(ids: list[str]) -> AsyncIterator[list[str]]:
    """Yield lists of ids, then raise."""
    for start in range(0, len(ids), 10):
        yield ids[start : start + 10]
    raise MineError


@each_own_way
@pytest.mark.parametrize("source", [raising, raising_late, raising_between_pages])
@pytest.mark.row("P16")
async def test_the_source_raises(
    tmp_path: Path, story: Story, way: Way, source: Callable[[list[str]], Any]
) -> None:
    """What came out of it is on the books; the resume, with the whole source, sends to everybody."""
    async with fault_server(processed(reset_after_body), default=accept) as server:
        trial = Trial(tmp_path, server, Story("P16"), way=way)
        everybody = trial.ids
        trial.ids = everybody[:25]
        async with trial.begin(users=source(trial.ids)) as begun:
            with pytest.raises(MineError) as caught:
                await entered(begun.run)
            begun.error = caught.value
        report = trial.sessions[0].report
        assert not report.input_complete
        assert report.in_doubt == 0
        assert report.total == 25
        assert report.accepted == sum(server.ledger.sent_to().values())

        trial.ids = everybody
        tell(story, f"source ({source.__name__.replace('_', ' ')})", report, await trial.end_well())


@each_own_way
@pytest.mark.row("P16")
async def test_the_reader_of_outcomes_raises(tmp_path: Path, story: Story, way: Way) -> None:
    """Leaving the block with an error drains, and the error goes on."""
    async with fault_server(accept, processed(reset_after_body), default=accept) as server:
        trial = Trial(tmp_path, server, Story("P16"), way=way)
        async with trial.begin() as begun:
            with suppress(MineError):
                async with begun.run:
                    async for _ in begun.run:
                        begun.error = MineError()
                        raise begun.error
        report = trial.sessions[0].report
        assert isinstance(begun.error, MineError)
        assert report.stopped == "the block was left"
        assert (report.in_doubt, report.accepted + report.not_sent) == (0, 40)
        tell(story, "reader of outcomes", report, await trial.end_well())
