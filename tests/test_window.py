"""The window rule: two clocks, one boot, and the exact edge of W - T - MARGIN."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async._window import Exposure, Stamp, Window, elapsed
from pushwoosh_async.testing import FakeClock

# Whole numbers: sums of them are exact, so that an edge can be hit.
seconds = st.integers(-(10**6), 10**6).map(float)
stamps = st.builds(Stamp, wall=seconds, boottime=seconds, boot_id=st.just("boot"))
WINDOW = Window(length=300.0, attempt=30.0, margin=120.0)
LAST_START = 150.0


@given(stamps, stamps)
def test_elapsed_is_never_the_smaller_clock(since: Stamp, now: Stamp) -> None:
    """Of two clocks that disagree, the one that saw more time pass counts."""
    witnesses = (now.wall - since.wall, now.boottime - since.boottime)
    assert elapsed(since, now) == max(witnesses)


@given(stamps, seconds, seconds)
def test_another_boot_is_infinitely_long_ago(since: Stamp, wall: float, boottime: float) -> None:
    """Across a reboot no time is short, whatever the clocks say."""
    assert elapsed(since, Stamp(wall, boottime, "another")) == inf


@given(
    length=st.integers(1, 1000),
    attempt=st.integers(0, 500),
    margin=st.integers(0, 500),
    after=st.integers(0, 500),
    offset=st.integers(-3, 3),
)
def test_window_closes_after_exactly_its_length_less_attempt_and_margin(
    length: int, attempt: int, margin: int, after: int, offset: int
) -> None:
    """An attempt may start at W - T - MARGIN, to the second, and not one second later."""
    window = Window(length=length, attempt=attempt, margin=margin)
    start = Stamp(wall=0.0, boottime=0.0, boot_id="boot")
    edge = length - attempt - margin - after
    now = Stamp(wall=-5.0, boottime=float(edge + offset), boot_id="boot")
    if edge + offset > -5:  # else the wall clock is the larger
        assert window.is_open(start, now, after=after) is (offset <= 0)


@pytest.mark.parametrize("clock", ["boot clock", "wall clock"])
def test_window_closes_by_either_clock(clock: str) -> None:
    """A suspend that only one of the clocks saw closes the window all the same."""
    since = Stamp(0.0, 0.0, "boot")
    for passed, is_open in [(LAST_START, True), (LAST_START + 0.001, False)]:
        now = Stamp(0.0, passed, "boot") if clock == "boot clock" else Stamp(passed, 0.0, "boot")
        assert WINDOW.is_open(since, now) is is_open


def test_window_stays_open_when_the_wall_clock_is_set_back() -> None:
    """A wall clock set back hides no time from the boot clock, and adds none."""
    clock = FakeClock()
    since = clock.stamp()
    clock.step_wall(-3600)
    clock.advance(LAST_START)
    assert WINDOW.is_open(since, clock.stamp())
    clock.advance(0.001)
    assert not WINDOW.is_open(since, clock.stamp())


def test_nothing_may_be_handed_over_before_an_attempt_was_intended() -> None:
    """Without a t0 there is nothing to measure from, so no byte leaves."""
    assert not Exposure().may_hand_over(FakeClock().stamp(), WINDOW)


def test_first_intent_starts_the_window() -> None:
    """t0 is the moment of the first intent."""
    now = FakeClock().stamp()
    assert Exposure().intend(now, WINDOW) == Exposure(t0=now)


@given(st.lists(st.floats(0, 1000), max_size=10), st.booleans())
def test_doubt_keeps_t0_over_every_repeat(delays: list[float], reboots: bool) -> None:
    """Once in doubt, no intent moves t0, however late, even on another boot."""
    clock = FakeClock()
    exposure = Exposure().intend(clock.stamp(), WINDOW).doubted()
    for delay in delays:
        clock.advance(delay)
        if reboots:
            clock.reboot()
        assert exposure.intend(clock.stamp(), WINDOW) == exposure
        assert exposure.intend(clock.stamp(), WINDOW).doubted() == exposure


def test_doubt_is_never_unlearnt() -> None:
    """An attempt that was not handed over takes nothing back that an earlier one did."""
    exposure = Exposure().intend(FakeClock().stamp(), WINDOW).doubted()
    assert exposure.unsent() == exposure
    assert exposure.unsent().in_doubt


def test_t0_is_dropped_after_an_attempt_that_was_not_handed_over() -> None:
    """Where nothing was ever in doubt, the next attempt starts a fresh window."""
    clock = FakeClock()
    exposure = Exposure().intend(clock.stamp(), WINDOW).unsent()
    assert exposure == Exposure()
    clock.advance(1000)
    assert exposure.intend(clock.stamp(), WINDOW).t0 == clock.stamp()


@pytest.mark.parametrize(
    ("waited", "renewed"), [(0.0, False), (LAST_START, False), (LAST_START + 0.001, True)]
)
def test_t0_without_doubt_is_kept_while_the_window_is_open(waited: float, renewed: bool) -> None:
    """After a 429 the next intent keeps t0 up to the window's edge, and renews it past that."""
    clock = FakeClock()
    first = clock.stamp()
    exposure = Exposure().intend(first, WINDOW)
    clock.advance(waited)
    assert exposure.intend(clock.stamp(), WINDOW).t0 == (clock.stamp() if renewed else first)


def test_t0_without_doubt_is_renewed_on_another_boot() -> None:
    """A stamp of another boot cannot be compared, so it is replaced."""
    clock = FakeClock()
    exposure = Exposure().intend(clock.stamp(), WINDOW)
    clock.reboot()
    assert exposure.intend(clock.stamp(), WINDOW).t0 == clock.stamp()


@given(after=st.integers(0, 400), waited=st.integers(0, 400))
def test_repeat_of_a_doubt_must_fit_into_the_window(after: int, waited: int) -> None:
    """A doubt may be repeated only if the repeat would still start in time; else anything may."""
    clock = FakeClock()
    clean = Exposure().intend(clock.stamp(), WINDOW)
    clock.advance(waited)
    fits = waited + after <= LAST_START
    assert clean.doubted().may_repeat(clock.stamp(), WINDOW, after=after) is fits
    assert clean.may_repeat(clock.stamp(), WINDOW, after=after)
    assert clean.may_hand_over(clock.stamp(), WINDOW, after=after) is fits


def test_nothing_in_doubt_is_repeated_on_another_boot() -> None:
    """After a reboot a doubt stays a doubt."""
    clock = FakeClock()
    exposure = Exposure().intend(clock.stamp(), WINDOW).doubted()
    clock.reboot()
    assert not exposure.may_repeat(clock.stamp(), WINDOW, after=0)
    assert not exposure.may_hand_over(clock.stamp(), WINDOW)
