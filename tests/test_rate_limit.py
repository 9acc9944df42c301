"""The limiter: never too many in any window, never slower than it must be, holds kept."""

from collections.abc import Sequence
from math import inf

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pushwoosh_async import ConfigurationError
from pushwoosh_async._transport.rate_limit import RateLimit, RateLimiter

_PERS = st.sampled_from([0.1, 1.0, 7.3, 60.0])


@st.composite
def limits(draw: st.DrawFn) -> RateLimit:
    """Any limit whose burst it allows."""
    requests = draw(st.integers(1, 60))
    return RateLimit(requests=requests, per=draw(_PERS), burst=draw(st.integers(1, requests)))


# Monotonic clocks start at boot.
starts = st.sampled_from([0.0, 1.0, 3600.3, 1e6 + 1 / 3])
gaps = st.lists(
    st.one_of(st.just(0.0), st.floats(0, 0.2), st.floats(0, 20)), min_size=1, max_size=200
)


def granted(limiter: RateLimiter, arrivals: Sequence[float]) -> list[float]:
    """Let requests come at these times, in order; each waits exactly as long as it is told."""
    grants: list[float] = []
    for arrival in arrivals:
        now = max(arrival, grants[-1]) if grants else arrival
        for _ in range(1000):
            delay = limiter.take(now)
            if delay == 0:
                break
            assert delay > 0
            now += delay
        else:
            pytest.fail("a request that waits as told is never granted")
        grants.append(now)
    return grants


def accumulate(start: float, steps: Sequence[float]) -> list[float]:
    """Turn gaps into times."""
    times = [start]
    for step in steps:
        times.append(times[-1] + step)
    return times


def most_in_a_window(grants: Sequence[float], per: float) -> int:
    """Count the grants in the fullest half-open window; a fullest one begins at a grant.

    A sum of floats may come out a rounding short of the window, which is no time at all.
    """
    most, first = 0, 0
    for last, grant in enumerate(grants):
        while grant - grants[first] >= per - 1e-9:
            first += 1
        most = max(most, last - first + 1)
    return most


@settings(deadline=None)
@given(limits(), starts, gaps)
def test_no_window_holds_more_than_the_limit(
    limit: RateLimit, start: float, steps: list[float]
) -> None:
    """However requests arrive, no half-open window of `per` seconds has more than `requests`."""
    grants = granted(RateLimiter(limit), accumulate(start, steps))
    assert most_in_a_window(grants, limit.per) <= limit.requests


@pytest.mark.parametrize("start", [0.0, 3600.3, 1e6 + 1 / 3, 1e7 + 0.1, 3.1e7 + 0.7])
@pytest.mark.parametrize("limit", [RateLimit(), RateLimit(burst=1), RateLimit(burst=600)])
def test_no_window_holds_more_than_the_limit_at_full_load(limit: RateLimit, start: float) -> None:
    """A saturated client keeps the vendor's limit, also where a long uptime makes clocks coarse."""
    grants = granted(RateLimiter(limit), [start] * 3000)
    assert most_in_a_window(grants, limit.per) <= limit.requests


@settings(deadline=None)
@given(limits(), starts, gaps)
def test_grants_are_not_later_than_the_steady_rate_asks(
    limit: RateLimit, start: float, steps: list[float]
) -> None:
    """A request waits only for the place its predecessors left it: the lower bound on throughput."""
    arrivals = accumulate(start, steps)
    grants = granted(RateLimiter(limit), arrivals)
    slack = 1e-6 * (1 + len(arrivals)) + start * 1e-12
    due = -1e18  # when the next would be on time at the steady rate
    for arrival, grant in zip(arrivals, grants, strict=True):
        earliest = max(arrival, due - limit.interval * (limit.burst - 1))
        assert grant <= earliest + slack
        due = max(due, earliest) + limit.interval


@given(limits(), starts)
def test_a_burst_passes_at_once_and_no_more(limit: RateLimit, start: float) -> None:
    """After a pause exactly `burst` requests pass at one moment; the next waits one interval."""
    *burst, last = granted(RateLimiter(limit), [start] * (limit.burst + 1))
    assert burst[-1] - start < 1e-6  # rounding
    assert last - start == pytest.approx(limit.interval, rel=1e-3, abs=1e-6)


@given(limits())
@example(RateLimit())
def test_steady_rate_leaves_room_for_the_burst(limit: RateLimit) -> None:
    """The steady rate is (requests - burst + 1) / per, as documented, to a millionth."""
    steady = (limit.requests - limit.burst + 1) / limit.per
    assert 1 / limit.interval == pytest.approx(steady, rel=1e-5)


@given(limits(), starts)
@example(RateLimit(), 0.0)
def test_rate_tells_the_steady_rate(limit: RateLimit, start: float) -> None:
    """Requests per second, as documented; holds and requests change nothing in it."""
    limiter = RateLimiter(limit)
    granted(limiter, [start] * 3)
    limiter.hold_until(start + 100.0)
    assert limiter.rate == pytest.approx((limit.requests - limit.burst + 1) / limit.per)


def test_rate_without_a_limit_is_infinite() -> None:
    """Nothing but the network bounds it."""
    assert RateLimiter(None).rate == inf


def test_default_is_the_vendors_limit() -> None:
    """600 a minute, ten at once: 591 a minute for ever."""
    limit = RateLimit()
    assert (limit.requests, limit.per, limit.burst) == (600, 60.0, 10)
    assert 60 / limit.interval == pytest.approx(591, rel=1e-5)


def test_asking_without_a_grant_costs_nothing() -> None:
    """A request that asks too early and often does not push the others back."""
    limiter = RateLimiter(RateLimit(requests=1, per=10.0, burst=1))
    assert limiter.take(0.0) == 0.0
    delays = [limiter.take(1.0) for _ in range(100)]
    assert len(set(delays)) == 1
    assert limiter.take(1.0 + delays[0]) == 0.0


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=8), st.floats(0, 1000))
def test_a_hold_is_never_shortened(holds: list[float], now: float) -> None:
    """Of several holds the longest counts, in whatever order they come."""
    limiter = RateLimiter(RateLimit())
    for until in holds:
        limiter.hold_until(until)
    left = max(holds) - now
    assert limiter.held(now) == max(left, 0.0)
    assert limiter.take(now) == max(left, 0.0)


def test_a_hold_binds_without_a_limit_too() -> None:
    """No limit grants everything at once, but a 429 still holds everybody."""
    limiter = RateLimiter(None)
    assert [limiter.take(5.0) for _ in range(10_000)] == [0.0] * 10_000
    limiter.hold_until(8.0)
    assert limiter.take(5.0) == 3.0
    assert limiter.take(8.0) == 0.0


@settings(deadline=None)
@given(limits(), st.lists(st.tuples(st.floats(0, 3), st.floats(0, 30)), min_size=1, max_size=20))
def test_nothing_passes_while_held(limit: RateLimit, script: list[tuple[float, float]]) -> None:
    """Between a hold and its end there is no grant, and the limit is kept after it."""
    limiter, now, until = RateLimiter(limit), 0.0, 0.0
    grants: list[float] = []
    for gap, hold in script:
        now += gap
        limiter.hold_until(now + hold)
        until = max(until, now + hold)
        (grant,) = granted(limiter, [now])
        assert grant >= until
        grants.append(grant)
        now = grant
    assert most_in_a_window(grants, limit.per) <= limit.requests


@pytest.mark.parametrize("name", ["requests", "per", "burst"])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (0, ConfigurationError),
        (-1, ConfigurationError),
        (True, TypeError),
        ("10", TypeError),
        (None, TypeError),
    ],
)
def test_wrong_numbers_are_refused(name: str, value: object, kind: type[Exception]) -> None:
    """Each number must be a number above zero; the error is one sentence that names the argument."""
    with pytest.raises(kind, match=rf"^rate_limit\.{name}: [^\n]*$"):
        RateLimit(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1, None, "yes"])
def test_adaptive_is_a_flag(value: object) -> None:
    """Anything but a bool is refused, in one sentence that names the argument."""
    with pytest.raises(TypeError, match=r"^rate_limit\.adaptive: expected a bool, got [^\n]*$"):
        RateLimit(adaptive=value)  # type: ignore[arg-type]


def test_limit_is_not_adapted_unless_asked() -> None:
    """By default what is configured is what is sent."""
    assert not RateLimit().adaptive


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_seconds_are_finite(value: float) -> None:
    """A window that never ends, or is no number, is refused."""
    with pytest.raises(ConfigurationError, match=r"^rate_limit\.per: [^\n]*$"):
        RateLimit(per=value)


@pytest.mark.parametrize("name", ["requests", "burst"])
def test_counts_are_whole(name: str) -> None:
    """A fraction of a request is refused in one sentence that names the argument."""
    with pytest.raises(TypeError) as caught:
        RateLimit(**{name: 2.5})  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"rate_limit.{name}: ")
    assert "Attribute(" not in str(caught.value)


def test_burst_is_part_of_the_limit() -> None:
    """A burst above the limit would break it."""
    with pytest.raises(ConfigurationError, match=r"rate_limit\.burst: "):
        RateLimit(requests=5, burst=6)
