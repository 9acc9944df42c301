"""The adaptive limiter: lowered once an episode, raised by use alone, never above what was configured."""

from collections import deque
from collections.abc import Sequence

import pytest
from attrs import define
from hypothesis import example, given
from hypothesis import strategies as st

from pushwoosh_async._transport.adaptive_rate import AdaptiveRate
from pushwoosh_async._transport.rate_limit import RateLimit, RateLimiter
from pushwoosh_async.sandbox.throttle import Throttle

MINUTE = 60.0
TOP = 10.0  # requests per second, as nearly configured by default

limits = st.tuples(st.integers(1, 40), st.sampled_from([0.1, 1.0, 60.0]), st.integers(1, 40)).map(
    lambda of: RateLimit(requests=of[0], per=of[1], burst=min(of[2], of[0]), adaptive=True)
)


@define
class Step:
    """What happens next: time passes, a request is let go, and answers come to earlier ones."""

    gap: float
    answers: Sequence[str]


steps = st.lists(
    st.builds(
        Step,
        st.one_of(st.just(0.0), st.floats(0, 0.3), st.floats(0, 90)),
        st.lists(st.sampled_from(["accepted", "accepted", "accepted", "refused"]), max_size=3),
    ),
    min_size=1,
    max_size=150,
)


def let_go(limiter: RateLimiter, now: float) -> float:
    """Wait as told; return when the request was let go."""
    for _ in range(1000):
        delay = limiter.take(now)
        if delay == 0:
            return now
        assert delay > 0
        now += delay
    pytest.fail("a request that waits as told is never let go")


def let_go_at_once(limiter: RateLimiter, now: float) -> int:
    """Count the requests that are let go at one moment."""
    count = 0
    while limiter.take(now) < 1e-9:  # rounding
        count += 1
        now += 1e-9
    return count


def lesson_of(limiter: RateLimiter) -> int:
    """Return the lesson that a request let go now bears."""
    assert limiter.lesson is not None
    return limiter.lesson


def most_in_a_window(grants: Sequence[float], per: float) -> int:
    """Count the grants in the fullest half-open window; a fullest one begins at a grant."""
    most, first = 0, 0
    for last, grant in enumerate(grants):
        while grant - grants[first] >= per:
            first += 1
        most = max(most, last - first + 1)
    return most


@given(limits, st.sampled_from([0.0, 3600.3, 1e6 + 1 / 3]), steps, st.booleans())
@example(
    RateLimit(requests=40, per=60.0, burst=20, adaptive=True),
    0.0,
    [Step(0.0, []) for _ in range(20)]
    + [Step(0.0, ["refused"]), *[Step(0.0, ["accepted"] * 3) for _ in range(60)]],
    False,
)
def test_no_window_holds_more_than_the_limit(
    limit: RateLimit, now: float, script: Sequence[Step], obeys: bool
) -> None:
    """Whatever the server answers, in whatever order, the configured limit is kept, in rate and window."""
    limiter = RateLimiter(limit)
    top, grants = limiter.rate, list[float]()
    under_way: deque[int] = deque()
    for step in script:
        now = let_go(limiter, now + step.gap)
        grants.append(now)
        under_way.append(lesson_of(limiter))
        for answer in step.answers:
            if not under_way:
                break
            if answer == "accepted":
                limiter.accepted(under_way.popleft(), now)
            else:
                pause = limiter.refused(under_way.popleft(), now, 0.5)
                limiter.hold_until(now + pause * obeys)
            assert 0 < limiter.rate <= top
    assert most_in_a_window(grants, limit.per) <= limit.requests


@given(st.integers(1, 64), st.integers(0, 64))
def test_many_refused_at_once_are_one_lesson(refused: int, accepted: int) -> None:
    """However many were in flight, and whatever came of the others, the rate is lowered once."""
    rate = AdaptiveRate(TOP, MINUTE)
    for _ in range(refused):
        rate.refused(0, 1.0)
    for _ in range(accepted):
        rate.accepted(0, 1.0)
    assert rate.rate == TOP / 2
    assert rate.lesson == 1


def test_refusals_in_a_row_each_teach() -> None:
    """What is let go after a lesson and refused again lowers the rate again."""
    rate = AdaptiveRate(TOP, MINUTE)
    seen = []
    for lesson in range(4):
        rate.refused(lesson, float(lesson))
        seen.append(rate.rate)
    assert seen == [TOP / 2, TOP / 4, TOP / 8, TOP / 16]


@given(st.lists(st.floats(0, 59), max_size=300), st.integers(1, 12))
@example([30.0] * 500, 2)
@example([30.0] * 700, 1)
def test_lowering_ends_where_the_server_takes_what_comes(
    times: Sequence[float], refusals: int
) -> None:
    """By half at most, and not below nineteen twentieths of what was accepted in the last `per`."""
    rate = AdaptiveRate(TOP, MINUTE)
    for when in sorted(times):
        rate.accepted(0, when)
    in_use = len(times) / MINUTE
    for lesson in range(refusals):
        before = rate.rate
        rate.refused(lesson, 59.0)
        assert rate.rate == min(before, max(before / 2, 0.95 * in_use, 2 / MINUTE))


@given(st.floats(60.0, 200.0))
def test_what_was_accepted_long_ago_does_not_count(later: float) -> None:
    """Only the last `per` seconds say what the server takes."""
    rate = AdaptiveRate(TOP, MINUTE)
    for _ in range(600):
        rate.accepted(0, 0.0)
    rate.refused(0, later)
    assert rate.rate == TOP / 2


@given(limits)
def test_never_stops(limit: RateLimit) -> None:
    """Refused for ever, it still tries twice in `per` seconds, or as seldom as configured."""
    limiter = RateLimiter(limit)
    top = limiter.rate
    for _ in range(100):
        limiter.refused(lesson_of(limiter), 0.0, 0.0)
    assert limiter.rate == pytest.approx(min(2 / limit.per, top))
    gap = let_go(limiter, let_go(limiter, 1e6)) - 1e6
    assert gap <= limit.per * 1.01


@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 8)), min_size=1, max_size=100),
    st.integers(1, 8),
)
def test_climbs_no_further_than_it_is_used(
    bursts: Sequence[tuple[float, int]], refusals: int
) -> None:
    """An idle hour climbs by nothing: at most half as much again as was accepted in the last `per`."""
    rate, now, accepted = AdaptiveRate(TOP, MINUTE), 0.0, list[float]()
    for lesson in range(refusals):
        rate.refused(lesson, now)
    for gap, count in bursts:
        now += gap
        for _ in range(count):
            before = rate.rate
            rate.accepted(rate.lesson, now)
            accepted.append(now)
            in_use = sum(now - when < MINUTE for when in accepted) / MINUTE
            assert before <= rate.rate <= max(before, 1.5 * in_use)


def test_what_began_before_the_last_lesson_climbs_by_nothing() -> None:
    """It went out under a rate that was refused."""
    rate = AdaptiveRate(TOP, MINUTE)
    for lesson in range(5):
        rate.refused(lesson, 0.0)
    before = rate.rate
    for _ in range(500):
        rate.accepted(4, 1.0)
    assert rate.rate == before
    rate.accepted(5, 1.0)
    assert rate.rate > before


def acceptances_until_raised(rate: AdaptiveRate) -> int:
    """Count the acceptances of new requests until the rate is higher."""
    before = rate.rate
    for number in range(1, 1000):
        rate.accepted(rate.lesson, 1.0)
        if rate.rate > before:
            return number
    pytest.fail("it does not climb")


def test_climbs_fast_to_what_was_not_refused_then_slowly() -> None:
    """To 0.95 of what was refused by one a minute each; then by rounds of a minute: 2 %, 4 %, 8 %."""
    rate = AdaptiveRate(3.0, MINUTE)
    rate.refused(0, 0.0)
    for _ in range(300):  # so that what is in use does not bound the climb
        rate.accepted(0, 1.0)
    for number in range(1, 81):
        rate.accepted(1, 1.0)
        assert rate.rate == pytest.approx(1.5 + number / MINUTE)
    while rate.rate < 3.0 * 0.95:
        assert acceptances_until_raised(rate) == 1
    for raised in (0.02, 0.04):
        before = rate.rate
        assert acceptances_until_raised(rate) == pytest.approx(before * MINUTE, abs=1)
        assert rate.rate == pytest.approx(min(before * (1 + raised), 3.0))


def test_climbs_fast_back_after_an_outage() -> None:
    """Refusals in a row were met by one rate: it is safe up to 0.95 of what it was before the first."""
    rate = AdaptiveRate(TOP, MINUTE)
    for lesson in range(10):
        rate.refused(lesson, 0.0)
    assert rate.rate == 2 / MINUTE
    for _ in range(600):
        rate.accepted(10, 1.0)
    assert rate.rate == pytest.approx(TOP * 0.95, rel=0.01)


def test_small_limit_is_tried_seldom() -> None:
    """A round is twenty acceptances at least."""
    rate = AdaptiveRate(6 / MINUTE, MINUTE)
    for _ in range(6):
        rate.accepted(0, 0.0)
    rate.refused(0, 0.0)
    assert rate.rate == pytest.approx(6 / MINUTE * 0.95)
    assert acceptances_until_raised(rate) == 20


def test_pauses_grow_while_refusals_go_on() -> None:
    """Doubled with each in a row, a quarter of `per` at most; back to the first after an acceptance."""
    limiter = RateLimiter(RateLimit(adaptive=True))
    pauses = [limiter.refused(lesson, 0.0, 0.5) for lesson in range(7)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert limiter.refused(0, 0.0, 0.5) == 15.0  # an old one changes nothing
    limiter.accepted(lesson_of(limiter), 1.0)
    assert limiter.refused(lesson_of(limiter), 1.0, 0.5) == 0.5


@given(st.integers(1, 2000), st.floats(0, 100))
def test_pauses_never_fall_short(refusals: int, first: float) -> None:
    """However many there were, and although the first is longer than they may grow."""
    rate = AdaptiveRate(TOP, MINUTE)
    for lesson in range(refusals):
        rate.refused(lesson, 0.0)
    assert first <= rate.pause(first) <= max(first, 15.0)


def test_lowered_rate_knows_no_burst_and_a_regained_one_does() -> None:
    """Ten at once before; one by one while lowered; ten again once the configured rate is back."""
    limiter = RateLimiter(RateLimit(adaptive=True))
    assert let_go_at_once(limiter, 0.0) == 10
    limiter.refused(0, 0.0, 0.0)
    now = let_go(limiter, 100.0)
    assert limiter.take(now) == pytest.approx(1 / limiter.rate)
    while limiter.rate < 591 / MINUTE:
        now = let_go(limiter, now)
        limiter.accepted(lesson_of(limiter), now)
    assert limiter.rate == RateLimiter(RateLimit()).rate
    assert let_go_at_once(limiter, now + 100.0) == 10
    assert now < 110.0 + 5 * MINUTE


@pytest.mark.parametrize("limit", [None, RateLimit()])
def test_unadapted_limiter_learns_nothing(limit: RateLimit | None) -> None:
    """Without the option a 429 holds, and that is all."""
    limiter = RateLimiter(limit)
    before = limiter.rate
    assert limiter.lesson is None
    assert limiter.refused(0, 0.0, 0.5) == 0.5
    limiter.accepted(0, 0.0)
    assert (limiter.rate, limiter.lesson) == (before, None)


@pytest.mark.parametrize("true_limit", [5, 60, 300])
def test_finds_the_limit_of_a_server(true_limit: int) -> None:
    """After twenty minutes at most one in twenty is refused, and nine tenths are used."""
    now = 0.0
    server = Throttle(true_limit, lambda: now)
    limiter = RateLimiter(RateLimit(adaptive=True))
    verdicts: list[bool] = []
    while now < 60 * MINUTE:
        now = let_go(limiter, now)
        lesson, wait = lesson_of(limiter), server.wait()
        if wait is None:
            limiter.accepted(lesson, now)
        else:
            limiter.hold_until(now + limiter.refused(lesson, now, 0.5))
        if now >= 20 * MINUTE:
            verdicts.append(wait is None)
    assert verdicts.count(False) <= len(verdicts) / 20
    assert verdicts.count(True) >= 0.9 * 40 * true_limit
