"""How much may begin now: scouts, probes, nothing new beside a pack in pieces, and room for its pieces."""

from math import inf

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pushwoosh_async import RateLimit
from pushwoosh_async._fanout.admission import Admission
from pushwoosh_async._window import Window

WINDOW = Window(length=300.0, attempt=30.0, margin=120.0)
CONCURRENCY = 2

rates = st.just(inf) | st.floats(0.01, 100.0)
windows = st.builds(Window, st.floats(60.0, 300.0), st.floats(1.0, 40.0), st.floats(1.0, 120.0))
counts = st.integers(0, 3000)


def admission(*, packs: bool = True, proven: bool = True, silent: bool = False) -> Admission:
    """Return one that has seen an acceptance, or not, and an outage, or not."""
    made = Admission(CONCURRENCY, WINDOW, packs=packs)
    made.proven = proven
    for _ in range(CONCURRENCY * silent):
        made.breaker.doubted()
    return made


def room(
    of: Admission, wanted: int = 5, *, under_way: int = 0, apart: bool = False, rate: float = 10.0
) -> int:
    """Ask for room."""
    return of.room(wanted, under_way=under_way, apart=apart, rate=rate, window=WINDOW)


@pytest.mark.parametrize("under_way", [0, 5000])
def test_run_that_does_not_pack_sends_one_a_request(under_way: int) -> None:
    """Whatever is under way, and with nothing proven."""
    alone = admission(packs=False, proven=False)
    assert room(alone, 1, under_way=under_way, rate=0.1) == 1


def test_a_scout_goes_first_and_alone() -> None:
    """Until one was accepted a request carries one, with nothing else under way."""
    fresh = admission(proven=False)
    assert room(fresh) == 1
    assert room(fresh, under_way=1) == 0
    fresh.proven = True
    assert room(fresh, under_way=1) == 5


def test_a_silent_server_is_probed_with_one() -> None:
    """While the breaker is open a pack would put all of itself in doubt; one answer ends that."""
    silent = admission(silent=True)
    assert room(silent) == 1
    assert room(silent, under_way=1) == 0
    silent.breaker.answered()
    assert room(silent, under_way=1) == 5


def test_nothing_new_beside_a_pack_that_is_taken_apart() -> None:
    """Its pieces need the rate to themselves, since their window runs; of an earlier session's pack too,
    though this one does not pack.
    """  # noqa: D205 -- the case belongs to the rule
    assert room(admission(), apart=True) == 0
    assert room(admission(proven=False), apart=True) == 0
    assert room(admission(packs=False), 1, apart=True) == 0


@given(counts.filter(bool), counts, rates, windows)
@example(5, 0, 0.01, WINDOW)
@example(5, 0, inf, Window(300.0, 90.0, 120.0))
def test_all_under_way_fits_into_the_window_in_pieces(
    wanted: int, under_way: int, rate: float, window: Window
) -> None:
    """Taking n apart takes under 2n requests, which the rate allows between the first attempt's end and
    the last repeat's beginning; alone at least one may go.
    """  # noqa: D205 -- the exception belongs to the rule
    found = admission().room(wanted, under_way=under_way, apart=False, rate=rate, window=window)
    assert 0 <= found <= wanted
    if under_way or found > 1:
        assert found == 0 or 2 * (under_way + found) <= repeats(rate, window)
    else:
        assert found == 1


def repeats(rate: float, window: Window) -> float:
    """Return how many requests the rate allows from the end of a first attempt to the last beginning."""
    seconds = window.length - window.margin - 2 * window.attempt
    return rate * seconds if seconds > 0 else 0.0


@given(counts.filter(bool), rates, windows)
def test_no_more_is_held_back_than_must_be(wanted: int, rate: float, window: Window) -> None:
    """With nothing under way, all that is wanted goes, or so much that one more would not fit."""
    found = admission().room(wanted, under_way=0, apart=False, rate=rate, window=window)
    assert found == wanted or 2 * (found + 1) > repeats(rate, window)


def test_ten_a_second_make_room_for_six_hundred() -> None:
    """At the documented rate, 120 of the 300 seconds are left for repeats: two requests for each."""
    ready = admission()
    assert room(ready, 1000) == 600
    assert room(ready, 1000, under_way=1) == 0
    assert room(ready, 599, under_way=1) == 599
    assert room(ready, 600, under_way=1) == 0
    assert room(ready, 1000, rate=inf) == 1000


def test_place_is_taken_only_where_nothing_holds_it_back() -> None:
    """A pause and an outage hold new requests back, and cost none of the run's own rate."""
    held = admission()
    held.set_rate(RateLimit(requests=1, per=10.0, burst=1))
    held.paused = True
    assert held.wait(0.0, under_way=0) == inf
    held.paused = False
    for _ in range(CONCURRENCY):
        held.breaker.doubted()
    assert held.wait(0.0, under_way=1) == inf
    held.breaker.answered()
    assert held.wait(0.0, under_way=1) == 0.0
    assert held.wait(0.0, under_way=1) == 10.0
