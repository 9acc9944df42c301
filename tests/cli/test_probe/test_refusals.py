"""The questions about refusals and scope, asked of a server that refuses what the sandbox takes."""

import pytest

from .test_questions import holds_on_the_device
from .world import WAYS, Strict, question, world


@pytest.mark.parametrize("way", WAYS)
async def test_an_id_that_a_refusal_leaves_free(way: str) -> None:
    """The right notification under it is sent."""
    async with world(Strict(), repeat=way) as here:
        finding = await here.ask(7)
        assert here.delivered == {"probe 7b": 1}
        holds_on_the_device(finding.device, here)
    assert (finding.verdict, finding.assumptions) == ("supports", ("A5",))
    assert finding.answer.startswith("no: refused with HTTP 200, status_code 210: Preset not found")


async def test_an_id_that_a_refusal_uses_up() -> None:
    """The right notification under it is refused, too; whether the API had begun stays open."""
    async with world(Strict(remembers_refused=True)) as here:
        finding = await here.ask(7)
        assert here.delivered == {}
    assert (finding.verdict, finding.assumptions) == ("leaves open", ("A5",))
    assert finding.answer.startswith("yes: ")
    assert "needs a new id" in finding.answer


@pytest.mark.parametrize("way", WAYS)
async def test_an_array_that_is_refused_whole(way: str) -> None:
    """Alone each is sent; where a repeat gets the first code, only the device can tell."""
    async with world(Strict(), repeat=way) as here:
        finding = await here.ask(11)
        assert here.delivered == {"probe 11a alone": 1, "probe 11c alone": 1}
        assert len(here.prober.answers) == question(11).requests
        holds_on_the_device(finding.device, here)
    if way == "same_code":
        assert (finding.verdict, finding.assumptions) == ("leaves open", ("A8", "pack rule"))
    else:
        assert (finding.verdict, finding.assumptions) == ("supports", ("pack rule",))
        assert "none had been taken" in finding.answer


@pytest.mark.parametrize("way", WAYS)
async def test_an_array_of_which_the_right_ones_are_taken(way: str) -> None:
    """What a refusal of repeats proves is said, and no more: the rest is left to the device."""
    async with world(Strict(takes_the_rest=True), repeat=way) as here:
        finding = await here.ask(11)
        assert here.delivered == {"probe 11a": 1, "probe 11c": 1}
        holds_on_the_device(finding.device, here)
    assert "none had been taken" not in finding.answer
    assert "Only the device can tell" in finding.answer
    expected = "supports" if way in ("210", "409") else "leaves open"
    assert finding.verdict == expected
    if way in ("210", "409"):
        assert "used ids up (probe 11a alone" in finding.answer


@pytest.mark.parametrize("way", WAYS)
async def test_another_application(way: str) -> None:
    """In the sandbox it has ids of its own."""
    async with world(repeat=way) as here:
        finding = await here.ask(6)
        assert here.delivered == {"probe 6a": 2}
    assert (finding.verdict, finding.assumptions) == ("supports", ("scope rule",))
    assert "ids of its own" in finding.answer


async def test_an_application_that_is_refused() -> None:
    """That is an answer, and the probe goes on."""
    async with world(applications=("XXXXX-XXXXX",)) as here:
        finding = await here.ask(6)
        assert here.prober.turned_away == ""
    assert finding.verdict == "leaves open"
    assert finding.answer == "could not be asked: HTTP 200, status_code 210: Application not found"


@pytest.mark.parametrize("way", WAYS)
async def test_another_token(way: str) -> None:
    """A repeat under it is dropped, or sent again: then a run must not go on with another."""
    async with world(Strict(), repeat=way) as here:
        finding = await here.ask(6, half=1)
        assert here.delivered == {"probe 6b": 1}
    assert (finding.verdict, finding.assumptions) == ("supports", ("A2",))
    async with world(Strict(ids_per_token=True), repeat=way) as here:
        finding = await here.ask(6, half=1)
        assert here.delivered == {"probe 6b": 2}
        holds_on_the_device(finding.device, here)
    assert (finding.verdict, finding.assumptions) == ("contradicts", ("A2",))


async def test_a_token_that_is_refused() -> None:
    """Another one is an answer; our own turns us away."""
    async with world() as here:
        finding = await here.ask(6, half=1)
        assert (finding.verdict, here.prober.turned_away) == ("leaves open", "")
    async with world(token="none-of-ours") as here:
        await here.ask(1)
        assert "Account not found" in here.prober.turned_away
