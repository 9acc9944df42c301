"""The machine's clocks, and the one that tests hand in."""

import time

import anyio
import pytest

from pushwoosh_async import Clock, SystemClock
from pushwoosh_async._window import elapsed
from pushwoosh_async.testing import FakeClock


def test_stamps_of_one_machine_can_be_compared() -> None:
    """Two system clocks of one boot agree on the boot id, and time passes between their stamps."""
    first, second = SystemClock().stamp(), SystemClock().stamp()
    assert first.boot_id == second.boot_id != ""
    assert 0 <= elapsed(first, second) < 60


def test_system_clock_tells_the_time() -> None:
    """Wall clock, boot clock and monotonic clock are the machine's own."""
    clock = SystemClock()
    assert clock.stamp().wall == pytest.approx(time.time(), abs=5)
    assert clock.stamp().boottime >= clock.monotonic() - 5
    assert clock.monotonic() == pytest.approx(time.monotonic(), abs=5)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_clocks_sleep_on_either_event_loop(backend: str) -> None:
    """Both clocks wait where the caller runs; only the real one takes real time."""

    async def sleep_on(clock: Clock, seconds: float) -> None:
        await clock.sleep(seconds)

    clock = FakeClock()
    anyio.run(sleep_on, SystemClock(), 0.0, backend=backend)
    anyio.run(sleep_on, clock, 3600.0, backend=backend)
    assert clock.monotonic() == 3600.0
    assert clock.sleeps == [3600.0]


def test_fake_time_moves_only_when_told() -> None:
    """Sleeping and advancing move all clocks, stepping moves the wall, rebooting the boot id."""
    clock = FakeClock(wall=1000.0)
    start = clock.stamp()
    assert clock.stamp() == start
    clock.advance(5)
    assert (clock.stamp().wall, clock.stamp().boottime, clock.monotonic()) == (1005.0, 5.0, 5.0)
    clock.step_wall(-100)
    assert (clock.stamp().wall, clock.stamp().boottime) == (905.0, 5.0)
    clock.reboot()
    assert clock.stamp().boot_id != start.boot_id
    assert clock.sleeps == []
