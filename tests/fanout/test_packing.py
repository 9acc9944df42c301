"""Which chunks share a request: each once, none over a limit as its bytes really leave, doubts apart."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from guard_world import MESSAGE, chunk_of
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import Notification, Stamp
from pushwoosh_async._fanout.chunks import Message
from pushwoosh_async._fanout.packing import Packer, Packing
from pushwoosh_async._fanout.resume import Work
from pushwoosh_async._fanout.state import Life, State
from pushwoosh_async._secret import MAX_TOKEN, Secret
from pushwoosh_async._window import Exposure
from pushwoosh_async._wire.encode import Target, envelope, room_around, template

TARGET = Target("applications_group", 'G"GGG-ÄÄÄÄÄ')
LONGEST_TOKEN = Secret('"' * MAX_TOKEN, "api_token")  # each of its characters takes two bytes
DOUBT = Life(State.IN_DOUBT, Exposure(Stamp(0.0, 0.0, "boot"), in_doubt=True), attempts=1)

texts = st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc"]), min_size=1, max_size=40)
ids = st.lists(texts, min_size=1, max_size=60)
messages = st.builds(
    lambda kind, content: Message(kind, template(Notification(content=content)), own=True),
    st.sampled_from(["users", "devices"]),
    texts,
)
audiences = st.lists(st.tuples(ids, st.just(MESSAGE) | messages), max_size=40)
packings = st.builds(
    lambda most, room: Packing(most=most, max_bytes=room), st.integers(1, 9), st.integers(1, 6000)
)


@st.composite
def _works(draw: st.DrawFn) -> list[Work]:
    """First attempts and doubts, some of which went together, in any order."""
    packs = st.sampled_from(["", "0", "1", "7"])
    return [
        Work(chunk_of(str(n), each, message=message), DOUBT, pack=draw(packs))
        if draw(st.booleans())
        else Work(chunk_of(str(n), each, message=message), pack=draw(packs))
        for n, (each, message) in enumerate(draw(audiences))
    ]


def packed(packing: Packing, works: Sequence[Work], *sizes: int) -> list[Sequence[Work]]:
    """Return every request, for works that come in stretches of these sizes."""
    packer = Packer(packing)
    requests: list[Sequence[Work]] = []
    for start, stop in pairwise([0, *sizes, len(works)]):
        requests += packer.add(works[start:stop])
    return requests + packer.finish()


@given(_works(), packings)
def test_everybody_is_in_one_request(works: list[Work], packing: Packing) -> None:
    """Nobody is lost and nobody sent twice; what is tried for the first time keeps its order."""
    requests = packed(packing, works)
    assert all(requests)
    found = [work for request in requests for work in request]
    assert sorted(found, key=id) == sorted(works, key=id)
    fresh = [work for work in found if not work.life.in_doubt]
    assert fresh == [work for work in works if not work.life.in_doubt]


@given(_works(), packings, st.lists(st.integers(0, 40), max_size=4))
def test_first_attempts_fill_requests_however_they_come(
    works: list[Work], packing: Packing, cuts: list[int]
) -> None:
    """How the source's pages fall changes no request of first attempts."""
    fresh = [work for work in works if not work.life.in_doubt]
    stretches = sorted(min(cut, len(fresh)) for cut in cuts)
    assert packed(packing, fresh, *stretches) == packed(packing, fresh)


@given(_works(), packings)
def test_first_attempts_and_doubts_do_not_share_a_request(
    works: list[Work], packing: Packing
) -> None:
    """A doubt goes with those that it was sent with, and with nobody else."""
    for request in packed(packing, works):
        assert len({work.life.in_doubt for work in request}) == 1
        if request[0].life.in_doubt:
            assert len({work.pack for work in request}) == 1
            assert request[0].pack or len(request) == 1


@given(_works(), packings)
def test_doubts_go_first_in_the_order_of_their_oldest(works: list[Work], packing: Packing) -> None:
    """Their window runs: whatever is tried for the first time waits."""
    requests = packed(packing, works)
    doubts = [request for request in requests if request[0].life.in_doubt]
    assert requests[: len(doubts)] == doubts
    firsts = [works.index(request[0]) for request in doubts]
    assert firsts == sorted(firsts)


@given(_works(), packings)
def test_a_recorded_pack_is_repeated_whole(works: list[Work], packing: Packing) -> None:
    """Whatever this session packs by: the doubts of one request are one request again."""
    requests = packed(packing, works)
    for pack in ("0", "1", "7"):
        doubts = [work for work in works if work.life.in_doubt and work.pack == pack]
        assert not doubts or doubts in requests


@given(audiences, st.integers(1, 9), st.integers(0, 6000))
def test_no_request_is_over_a_limit(
    audience: list[tuple[list[str], Message]], most: int, room: int
) -> None:
    """Neither in number nor in bytes, as they leave with the longest token; what is larger goes alone."""
    limit = room_around(TARGET) + room
    packing = Packing(most=most, max_bytes=limit - room_around(TARGET))
    works = [Work(chunk_of(str(n), ids, message=of)) for n, (ids, of) in enumerate(audience)]
    for request in packed(packing, works):
        assert len(request) <= most
        assert len(request) == 1 or bytes_of(request) <= limit


def bytes_of(request: Sequence[Work]) -> int:
    """Return how many bytes leave."""
    body = envelope(TARGET, [work.chunk.notification() for work in request])
    return len(b"".join(body.pieces(LONGEST_TOKEN)))


@given(audiences, st.integers(1, 9), st.integers(1, 6000))
def test_requests_are_as_full_as_they_may_be(
    audience: list[tuple[list[str], Message]], most: int, room: int
) -> None:
    """A request ends where the next notification would pass one of the limits, and not before."""
    works = [Work(chunk_of(str(n), ids, message=of)) for n, (ids, of) in enumerate(audience)]
    for request, following in pairwise(packed(Packing(most=most, max_bytes=room), works)):
        size = sum(work.chunk.size for work in (*request, following[0]))
        assert len(request) == most or size > room


@given(ids, st.just(MESSAGE) | messages)
def test_size_of_a_chunk_is_that_of_its_bytes(ids: list[str], message: Message) -> None:
    """Measured, not estimated: the notification object and a comma."""
    chunk = chunk_of("0", ids, message=message)
    assert chunk.size == len(b"".join(chunk.notification())) + 1


@pytest.mark.parametrize("spare", [0, 1])
def test_limit_is_reached_to_the_byte(spare: int) -> None:
    """Two that fit exactly share a request; with one byte less room they do not."""
    works = [Work(chunk_of(str(n), ["u1", "u2"])) for n in range(2)]
    size = sum(work.chunk.size for work in works)
    requests = packed(Packing(most=9, max_bytes=size - spare), works)
    assert [len(request) for request in requests] == ([2] if not spare else [1, 1])
