"""How is a refused notification taken apart? With a server that refuses all that names somebody bad."""

import uuid
from collections import deque

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import Notification
from pushwoosh_async._fanout.chunks import Chunk, Message
from pushwoosh_async._fanout.sieve import Origin, Sieve
from pushwoosh_async._sender.parts import line_up, parts_of
from pushwoosh_async._sender.shelf import Parcel
from pushwoosh_async._wire.encode import template
from pushwoosh_async._wire.identity import RunIdentity

RUN = RunIdentity(uuid.UUID(int=1), "https://x.example", "A")
MESSAGE = Message("users", template(Notification(content="Hello")))


@define
class Ended:
    """What became of everybody, and how many requests that took.

    Attributes:
        unsplit: of each part that was not taken apart, how many had been accepted and refused alone.
    """

    accepted: list[int] = field(factory=list)
    rejected: list[int] = field(factory=list)
    unsplit: list[tuple[int, int]] = field(factory=list)
    refused_alone: int = 0
    requests: int = 0


def whole(count: int) -> Chunk:
    """Return a notification to so many users."""
    sieve = Sieve(invalid="raise", dedupe=False, trusted=True, tell_aside=None)
    origin = Origin("users", "users")
    sieve.take([str(number) for number in range(count)], origin)
    return sieve.cut(count, MESSAGE, origin, RUN)


def taken_apart(count: int, bad: set[int]) -> Ended:
    """Send a notification to so many, of whom these are bad, and then its parts."""
    ended, parcel, line = Ended(), Parcel(MESSAGE, due=0.0), deque([whole(count)])
    while line:
        part = line.popleft()
        ids = [int(each) for each in part.ids]
        ended.requests += 1
        if not bad.intersection(ids):
            parcel.parts_accepted = True
            ended.accepted += ids
            continue
        ended.refused_alone += len(ids) == 1
        parts, _ = parts_of(part, parcel, RUN)
        line_up(line, parts)
        if parts:
            continue
        ended.rejected += ids
        if len(ids) > 1:
            ended.unsplit.append((len(ended.accepted), ended.refused_alone))
    return ended


@given(st.integers(1, 1000), st.data())
def test_the_good_are_accepted_or_the_notification_is_proven_bad(
    count: int, data: st.DataObject
) -> None:
    """Everybody ends once; no part stays whole before six were refused alone, or once any was accepted."""
    rate = data.draw(st.sampled_from([0.01, 0.5, 0.9, 0.99]))
    random = data.draw(st.randoms(use_true_random=False))
    bad = {number for number in range(count) if random.random() < rate}
    ended = taken_apart(count, bad)
    assert sorted(ended.accepted + ended.rejected) == list(range(count))
    assert bad <= set(ended.rejected)
    assert ended.unsplit or set(ended.rejected) == bad
    assert all(accepted == 0 and alone >= 6 for accepted, alone in ended.unsplit)
    assert ended.accepted or ended.requests <= 55


@pytest.mark.parametrize("every", [2, 3, 5, 14, 25, 100])
def test_many_bad_among_good_ones_reject_themselves_alone(every: int) -> None:
    """Though they are in each part that is not small."""
    bad = set(range(0, 1000, every))
    assert set(taken_apart(1000, bad).rejected) == bad


def test_those_who_are_bad_together_do_not_stand_for_all() -> None:
    """It is looked for a good one in one place after the other."""
    bad = {*range(200), *range(200, 1000, 60)}
    assert set(taken_apart(1000, bad).rejected) == bad


def test_one_bad_among_a_thousand_costs_twenty_requests() -> None:
    """Wherever it is, besides the first."""
    assert {taken_apart(1000, {bad}).requests for bad in range(0, 1000, 111)} <= {19, 21}


def test_a_notification_that_is_refused_whoever_gets_it_costs_few() -> None:
    """Not two for each."""
    assert taken_apart(1000, set(range(1000))).requests == 55
