"""The questions, asked of a sandbox in each of its ways to answer: what is learnt is true there."""

import re

import pytest

from .world import USER, WAYS, World, question, world

# How the sandbox answers a repeat, in the probe's words.
WORDS = {
    "same_code": "200 with the first one's code",
    "empty": "200 without a code",
    "210": "HTTP 200, status_code 210: Duplicate transactionId",
    "409": "HTTP 409: Duplicate transactionId",
}
ASKED = (1, 2, 3, 4, 5, 7, 8, 9, 11)


def holds_on_the_device(device: str, here: World) -> None:
    """Hold what a finding says is to be seen against the ledger."""
    times = {"never": 0, "once": 1, "twice": 2}
    for text, often in re.findall(r'"([^"]+)" (never|once|twice)\b', device):
        assert here.delivered.get(text, 0) == times[often], device


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", ASKED)
async def test_what_is_said_beforehand_and_afterwards_is_true(number: int, way: str) -> None:
    """The cost is no more than announced, nobody else gets anything, and the device shows what it must."""
    async with world(repeat=way) as here:
        finding = await here.ask(number)
        announced = question(number)
        assert here.sandbox.truth().requests <= announced.requests
        assert sum(here.delivered.values()) <= announced.messages
        assert here.clock.monotonic() <= announced.seconds
        assert set(finding.assumptions) <= set(announced.assumptions)
        holds_on_the_device(finding.device, here)
        assert re.search(r'"probe', finding.device)


@pytest.mark.parametrize("way", WAYS)
async def test_the_answer_to_a_repeat(way: str) -> None:
    """It is told as it is; only success supports that success clears a doubt."""
    async with world(repeat=way) as here:
        finding = await here.ask(1)
    assert finding.verdict == "supports"
    assert finding.answer.startswith(WORDS[way])
    assert finding.assumptions == (("A1", "A6") if way in ("same_code", "empty") else ("A1",))
    assert ("never clears a doubt" in finding.answer) == (way in ("210", "409"))


@pytest.mark.parametrize("way", WAYS)
async def test_another_text_under_the_same_id(way: str) -> None:
    """The sandbox looks at the id alone."""
    async with world(repeat=way) as here:
        finding = await here.ask(2)
        assert here.delivered == {"probe 2a": 1}
    assert (finding.verdict, finding.assumptions) == ("supports", ("A1", "A2"))
    assert WORDS[way] in finding.answer


@pytest.mark.parametrize("way", WAYS)
async def test_the_window(way: str) -> None:
    """Dropped before 300 s, sent again after; begun at different moments of a minute."""
    async with world(repeat=way) as here:
        finding = await here.ask(3)
        assert here.delivered == {"probe 3a": 1, "probe 3b": 2, "probe 3c": 1, "probe 3d": 2}
        sent = sorted(answer.sent for answer in here.prober.answers)
        assert sandbox_connections(here) == 8
    assert (finding.verdict, finding.assumptions) == ("supports", ("A1",))
    assert "dropped 2 times of 2 before 300 s" in finding.answer
    assert "sent again 2 times of 2, so the gate is needed" in finding.answer
    assert len({round(moment % 60, 3) for moment in sent}) > 4


def sandbox_connections(here: World) -> int:
    return here.sandbox.truth().connections


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("length", [60.0, 200.0, 289.0])
async def test_a_window_that_is_shorter(way: str, length: float) -> None:
    """It contradicts A1, and the answer says when the repeat was sent again."""
    async with world(repeat=way, window=length) as here:
        finding = await here.ask(3)
        holds_on_the_device(finding.device, here)
    assert (finding.verdict, finding.assumptions) == ("contradicts", ("A1",))
    assert "sent again after 290 s: the window is shorter" in finding.answer


async def test_a_window_that_is_longer() -> None:
    """It does no harm."""
    async with world(window=1000.0) as here:
        finding = await here.ask(3)
        assert set(here.delivered.values()) == {1}
    assert finding.verdict == "supports"
    assert "so the window is longer" in finding.answer


@pytest.mark.parametrize("way", WAYS)
async def test_whether_a_repeat_makes_the_window_longer(way: str) -> None:
    """In the sandbox it does not; a window under 200 s is found here, too."""
    async with world(repeat=way) as here:
        finding = await here.ask(4)
    assert (finding.verdict, finding.assumptions) == ("supports", ("A1",))
    assert finding.answer.startswith("no: sent again after 310 s")
    async with world(repeat=way, window=150.0) as here:
        finding = await here.ask(4)
    assert (finding.verdict, finding.assumptions) == ("contradicts", ("A1",))
    async with world(repeat=way, window=400.0) as here:
        finding = await here.ask(4)
    assert finding.answer.startswith("still dropped after 310 s")


@pytest.mark.parametrize("way", WAYS)
async def test_two_at_once(way: str) -> None:
    """One of the two, each over a connection of its own."""
    async with world(repeat=way) as here:
        finding = await here.ask(5)
        assert here.delivered == {"probe 5a": 1, "probe 5b": 1, "probe 5c": 1}
        assert sandbox_connections(here) == 6
    assert (finding.verdict, finding.assumptions) == ("supports", ("A1",))
    assert finding.answer.endswith(WORDS[way])


@pytest.mark.parametrize("way", WAYS)
async def test_a_wrong_notification_that_is_taken(way: str) -> None:
    """Then nothing can be asked about refusals; the array still tells about its ids."""
    async with world(repeat=way) as here:
        finding = await here.ask(7)
        assert (finding.verdict, finding.assumptions) == ("leaves open", ("A5",))
        assert finding.answer.startswith("could not be asked")
        assert here.delivered == {"probe 7a": 1}
        finding = await here.ask(11)
    assert (finding.verdict, finding.assumptions) == ("supports", ("A8",))
    assert finding.answer.startswith("taken whole: a preset")
    assert WORDS[way] in finding.answer


@pytest.mark.parametrize("way", WAYS)
async def test_which_ids_are_taken(way: str) -> None:
    """All, compared as they stand; in the wire's own bytes, 255 characters long and beyond ASCII."""
    async with world(repeat=way) as here:
        finding = await here.ask(8)
        ids = [each["transactionId"] for each in here.sandbox.ledger.notifications]
    assert (finding.verdict, finding.assumptions) == ("supports", ("id rule",))
    assert finding.answer.endswith("upper and lower case differ")
    assert max(map(len, ids)) == 255
    assert any(not each.isascii() and '"' in each and " " in each for each in ids)


@pytest.mark.parametrize("way", WAYS)
async def test_codes_and_unknown_ids(way: str) -> None:
    """Under ten no code and the empty key; over ten a code, which is the key."""
    async with world(repeat=way) as here:
        finding = await here.ask(9)
        assert here.delivered == {"probe 9a": 1}
    assert (finding.verdict, finding.assumptions) == ("supports", ("code rule",))
    under, _, over = finding.answer.partition("; ")
    assert under == "under ten: 200 without a code, 1 unknown id under no key, or the empty one"
    assert over.endswith("200 with a code, 11 unknown ids under the code")


async def test_a_test_user_that_the_api_does_not_know() -> None:
    """It is noted: then nothing can be counted on a device. A repeat does not name it again."""
    async with world(unknown=(USER,)) as here:
        await here.ask(1)
        assert [answer.user_unknown for answer in here.prober.answers] == [True, False]


@pytest.mark.parametrize("number", ASKED)
async def test_a_server_that_is_down(number: int) -> None:
    """Nothing was learnt, and nothing is claimed."""
    async with world() as here:
        await here.sandbox.aclose()
        finding = await here.ask(number)
    assert finding.verdict == "leaves open"
    assert "no answer" in finding.answer
