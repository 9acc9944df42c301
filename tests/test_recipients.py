"""Ids: what passes, what does not, and that a neighbour never changes the answer."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pushwoosh_async import ConfigurationError
from pushwoosh_async.targeting.recipients import MAX_ID, check_ids, id_fault

FINE = [
    "u",
    "u 1",
    "a\tb",
    "é",
    "日本",
    "🙂",
    '"',
    "\\",
    "x" * MAX_ID,
    "مرحبا",
    "a\x00b",
    "a\u2028b",
]
BAD = [
    "",
    " ",
    " u",
    "u ",
    "u\n",
    "\tu",
    "u\u00a0",
    "\u200b",
    "\u200b\u2028\u200b",
    "\ud800",
    "a\udfffb",
    "x" * (MAX_ID + 1),
]


@pytest.mark.parametrize("text", FINE)
def test_what_an_id_may_be(text: str) -> None:
    """Anything visible without blanks at its ends passes."""
    assert id_fault(text) is None
    check_ids([text], "users")


@pytest.mark.parametrize("text", BAD)
def test_what_no_id_may_be(text: str) -> None:
    """Empty, blank, blank-ended, invisible, overlong and unencodable ids have a fault."""
    assert id_fault(text) is not None


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("neighbours", [[], ["u"], ["é"]], ids=["alone", "ascii", "non-ascii"])
def test_bad_id_is_refused_by_position_whatever_stands_beside_it(
    text: str, neighbours: list[str]
) -> None:
    """The error names argument, position in the whole input and rule; its page does not matter."""
    where = rf"^users\[{40 + len(neighbours)}\]: an id [^\n]*$"
    with pytest.raises(ConfigurationError, match=where) as caught:
        check_ids([*neighbours, text], "users", start=40)
    assert caught.value.delivery == "not_sent"


@given(st.lists(st.text(max_size=4), max_size=6))
@example(["\x00"])
def test_the_whole_is_refused_exactly_if_a_part_is(ids: list[str]) -> None:
    """The check of a page agrees with the rule for each id, so pages may fall as they like."""
    faulty = [i for i, text in enumerate(ids) if id_fault(text)]
    if not faulty:
        check_ids(ids, "users")
        return
    with pytest.raises(ConfigurationError, match=rf"^users\[{faulty[0]}\]: "):
        check_ids(ids, "users")


@given(st.text())
def test_an_id_without_a_fault_survives_the_wire(text: str) -> None:
    """What passes can be written as UTF-8 JSON and read back unchanged."""
    if id_fault(text) is None:
        assert json.loads(json.dumps(text, ensure_ascii=False).encode()) == text


@pytest.mark.parametrize("value", [7, None, b"u", ["u"], 1.5, True])
def test_only_a_plain_str_is_an_id(value: object) -> None:
    """Anything else is a TypeError that names position and type, and never the value.

    A subclass of str is refused where it is encoded.
    """
    ids: list[str] = ["u", value, 3]  # type: ignore[list-item]
    with pytest.raises(TypeError) as caught:
        check_ids(ids, "devices", start=100)
    assert str(caught.value) == f"devices[101]: expected a str, got {type(value).__name__}"


def test_a_type_counts_before_a_rule() -> None:
    """A wrong type anywhere is reported before a broken rule, and the id is never in the text."""
    with pytest.raises(TypeError, match=r"users\[1\]"):
        check_ids([" canary ", 5], "users")  # type: ignore[list-item]
    with pytest.raises(ConfigurationError) as caught:
        check_ids([" canary "], "users")
    assert "canary" not in str(caught.value)


def test_nothing_is_a_list_too() -> None:
    """An empty page has nothing wrong with it: refusing an empty audience is another's job."""
    check_ids([], "users")
