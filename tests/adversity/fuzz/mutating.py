"""How are new inputs made of kept ones? Cut, joined, doubled, and strewn with what they are made of."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hypothesis import strategies as st

from .target import Target

_Edit: TypeAlias = Callable[[bytes], bytes]


def mutated(target: Target) -> st.SearchStrategy[bytes]:
    """Return a kept input of a target after up to eight edits."""
    kept = [path.read_bytes() for path in target.corpus()]
    edits = st.lists(_edits(kept, target.tokens), max_size=8)
    return st.builds(_edited, st.sampled_from(kept), edits)


def _edited(data: bytes, edits: Sequence[_Edit]) -> bytes:
    for edit in edits:
        data = edit(data)
    return data


def _edits(kept: Sequence[bytes], tokens: Sequence[bytes]) -> st.SearchStrategy[_Edit]:
    places = st.floats(0, 1)
    lengths = st.sampled_from([0, 0, 1, 2, 4, 16, 64])
    pieces = st.sampled_from(tokens) | st.binary(max_size=4)
    return st.one_of(
        st.builds(_replace, places, lengths, pieces),
        st.builds(_double, places, lengths, st.integers(2, 40)),
        st.builds(_go_on_with, places, st.sampled_from(kept), places),
    )


def _replace(place: float, length: int, piece: bytes) -> _Edit:
    def edit(data: bytes) -> bytes:
        at = int(place * len(data))
        return data[:at] + piece + data[at + length :]

    return edit


def _double(place: float, length: int, times: int) -> _Edit:
    def edit(data: bytes) -> bytes:
        at = int(place * len(data))
        return data[:at] + data[at : at + length] * times + data[at + length :]

    return edit


def _go_on_with(place: float, other: bytes, behind: float) -> _Edit:
    def edit(data: bytes) -> bytes:
        return data[: int(place * len(data))] + other[int(behind * len(other)) :]

    return edit
