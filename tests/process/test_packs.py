"""kill -9 and SIGSTOP in packed runs: what one request carried is in doubt together, is repeated as it was,
and reaches nobody twice.
"""  # noqa: D205 -- one promise

import asyncio
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
from adversity.story import Story
from oracle import Arrival

from pushwoosh_async import PushwooshClient, RetryPolicy

from .killing import finish, kill_at_random, outlast, worlds
from .sender import letter_to
from .world import CHUNK_SIZE, CONCURRENCY, World

PACK = 5
PACKED = ("--per-request", str(PACK))
STEPS = {"after_intend": "P3", "piece": "P4", "sent": "P4", "answered": "P5", "recorded": "P6"}
BAD_LINE = "reset_after:0.1,error_500_before:0.1,truncated_after:0.1"


def largest(arrivals: list[Arrival]) -> int:
    """Return how many notifications came in one request at most."""
    instants = [each.at for each in arrivals]
    return max(instants.count(each) for each in set(instants))


@pytest.mark.slow
@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=pytest.mark.row(row)) for step, row in STEPS.items()]
)
def test_at_a_step(tmp_path: Path, story: Story, step: str) -> None:
    """Of the one that goes ahead alone, and of packs in a resume; each in a resume of the one before."""
    with World(tmp_path, story=story, count=600) as world:
        for number in (1, 3):
            assert world.die(world.start(*PACKED, "--kill-at", f"{step}:{number}"))

        finish(world, *PACKED)

        assert PACK in world.packs_in_doubt()
        assert largest(world.arrivals()) == PACK


@pytest.mark.row("P8")
@pytest.mark.slow
def test_at_random(tmp_path: Path, story: Story) -> None:
    """On a bad line, where packs are taken apart: within the window every doubt is cleared."""
    options = ("--latency", "0.04", "--faults", BAD_LINE)
    with World(tmp_path, *options, story=story, count=6000) as world:
        kill_at_random(world, 1, *PACKED, kills=5)

        finish(world, *PACKED)


@pytest.mark.row("P8")
@pytest.mark.slow
@pytest.mark.parametrize("way", ["empty", "210", "409"])
def test_at_random_where_repeats_are_answered_so(tmp_path: Path, story: Story, way: str) -> None:
    """Where a repeat is refused, the packs that a kill met stay in doubt; nothing else does."""
    # A 409 is repeated until the window closes: the last process is told of a short one.
    short = ("--window", "3", "--margin", "1", "--timeout", "0.8", "--max-bytes", "100000")
    options = ("--latency", "0.04", "--repeat", way)
    with World(tmp_path, *options, story=story, count=3000) as world:
        kill_at_random(world, 2, *PACKED, kills=2)

        told = world.run(*PACKED, *(short if way == "409" else ()))

        world.assert_sound(told)
        assert world.deliveries() == world.count
        assert told.report.accepted + told.report.in_doubt == world.count
        most = 0 if way == "empty" else 2 * CONCURRENCY * PACK * CHUNK_SIZE
        assert told.report.in_doubt <= most


@pytest.mark.row("P8")
@pytest.mark.slow
def test_letters(tmp_path: Path, story: Story) -> None:
    """Each with its own text: whatever was repeated by whichever process, users got the text of theirs."""
    options = (*PACKED, "--letters")
    line = ("--latency", "0.04", "--faults", BAD_LINE)
    with World(tmp_path, *line, story=story, count=4000) as world:
        kill_at_random(world, 3, *options, kills=3)

        finish(world, *options)

        sent = {each.code or "": each.ids[0] for each in world.arrivals() if each.code}
        assert len(sent) == world.count / CHUNK_SIZE
        told = asyncio.run(texts(world.url, [*sent]))
        assert told == {code: letter_to(first) for code, first in sent.items()}


async def texts(url: str, codes: list[str]) -> dict[str, str]:
    """Ask the server what was sent under each of these codes."""
    async with PushwooshClient(
        api_token="sandbox-token",
        application="XXXXX-XXXXX",
        base_url=url,
        retry=RetryPolicy(max_attempts=50, base_delay=0.001, max_delay=0.01),
    ) as client:
        found = await asyncio.gather(*map(client.get_message_details, codes))
    return {code: each.content["en"] for code, each in zip(codes, found, strict=True)}


@pytest.mark.row("P8")
@pytest.mark.slow
def test_messages_to_one_user_each(tmp_path: Path, story: Story) -> None:
    """As many notifications as users, many in a request."""
    options = ("--letters", "--chunk-size", "1", "--per-request", "50")
    line = ("--latency", "0.04", "--faults", BAD_LINE)
    with World(tmp_path, *line, story=story, count=4000) as world:
        kill_at_random(world, 4, *options, kills=3)

        finish(world, *options)


# One at a time, in a body of 4 MB, which takes 64 pieces. An attempt has 0.3 s, and 4.1 s for its size.
WINDOW = 9.5
SCALED = ("--window", str(WINDOW), "--margin", "0.3", "--timeout", "0.3", "--concurrency", "1")
HEAVY = (*SCALED, "--chunk-size", "500", "--per-request", "8", "--max-bytes", "4100000")
COUNT = 4500
SCOUT_PIECES = 9


@pytest.mark.row("P12")
@pytest.mark.slow
def test_stopped_past_the_window_in_a_body_of_four_megabytes(tmp_path: Path, story: Story) -> None:
    """In a first attempt the rest does not come, and all goes out by a fresh intent. In the repeat of what
    the server has taken, and forgotten since, the rest never comes at all.
    """  # noqa: D205 -- two cases of one promise
    repeats = ("piece:3", "piece:50")
    with ExitStack() as stack:
        made = worlds(
            stack, tmp_path, number=3, window=WINDOW, story=story, count=COUNT, id_length=1000
        )
        stopped = []
        for world, step in zip(made, (f"piece:{SCOUT_PIECES + 30}", *repeats), strict=True):
            if step in repeats:
                assert world.die(world.start(*HEAVY, "--kill-at", "answered:2"))
            process = world.start(*HEAVY, "--stop-at", step)
            world.await_stopped(process)
            stopped.append(process)
        for world in made:
            outlast(world)
        for process in stopped:
            process.send_signal(signal.SIGCONT)

        told = [world.end(process) for world, process in zip(made, stopped, strict=True)]
        for world, each in zip(made, told, strict=True):
            world.assert_sound(each)
            assert world.deliveries() == COUNT
            assert len(world.arrivals()) == 9
        assert [each.report.in_doubt for each in told] == [0, 3500, 3500]
        assert [each.report.accepted for each in told] == [COUNT, 1000, 1000]
