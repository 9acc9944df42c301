"""What is kept and what is set aside, where ids of two kinds come in lists of their own."""

import uuid
from typing import Any, Literal, TypeAlias

import pytest
from guard_world import MESSAGE
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import ConfigurationError
from pushwoosh_async._fanout.sieve import InvalidPolicy, Origin, Sieve
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.targeting.recipients import id_fault

RUN = RunIdentity(uuid.UUID(int=1), "https://x.example", "A")
USERS = Origin("users", "users")
Kind: TypeAlias = Literal["users", "devices"]

texts = st.sampled_from(["a", "b", "c", "é", "a b", "", " ", "a ", "\u200b"])
kinds: st.SearchStrategy[Kind] = st.sampled_from(["users", "devices"])
lists = st.lists(st.tuples(kinds, st.lists(texts, max_size=8)), max_size=8)


def sieve(
    *,
    invalid: InvalidPolicy = "drop",
    dedupe: bool = False,
    trusted: bool = False,
    tell: Any = None,
) -> Sieve:
    """Return one."""
    return Sieve(invalid=invalid, dedupe=dedupe, trusted=trusted, tell_aside=tell)


@given(lists, st.booleans())
def test_each_that_is_set_aside_is_told_by_place_and_reason(
    given: list[tuple[Kind, list[str]]], dedupe: bool
) -> None:
    """A duplicate is an id of the same kind that came before; a user and a device may share a name."""
    told: dict[int, str] = {}
    made = sieve(dedupe=dedupe, tell=told.__setitem__)
    for kind, ids in given:
        made.take(ids, Origin(kind, kind, made.taken))
    assert told == _aside(given, dedupe=dedupe)
    reasons = list(told.values())
    assert (made.invalid, made.duplicates) == (reasons.count("invalid"), reasons.count("duplicate"))
    assert made.kept == len(made) == made.taken - len(told)


def _aside(given: list[tuple[Kind, list[str]]], *, dedupe: bool) -> dict[int, str]:
    expected: dict[int, str] = {}
    seen: set[tuple[Kind, str]] = set()
    for position, each in enumerate((kind, text) for kind, ids in given for text in ids):
        if id_fault(each[1]) is not None:
            expected[position] = "invalid"
        elif dedupe and each in seen:
            expected[position] = "duplicate"
        else:
            seen.add(each)
    return expected


def test_error_names_a_place_in_its_own_list() -> None:
    """Where ids come in several lists, the position is counted from the beginning of each."""
    made = sieve(invalid="raise")
    made.take(["a", "b"], USERS)
    with pytest.raises(ConfigurationError, match=r"^later\[1\]: an id "):
        made.take(["c", " "], Origin("users", "later", made.taken))
    assert (made.taken, made.kept, made.invalid) == (4, 3, 1)


@pytest.mark.parametrize("before", [[], ["x"]])
def test_trusted_list_that_was_changed_since_is_caught_when_it_is_cut(before: list[str]) -> None:
    """What was checked before is not checked again; bytes are named by their place all the same."""
    made = sieve(trusted=True)
    made.take([*before, "a"], USERS)
    if before:
        made.cut(1, MESSAGE, USERS, RUN)
    changed: Any = [b"canary"]
    made.take(changed, USERS)
    with pytest.raises(
        TypeError, match=rf"^users\[{len(before) + 1}\]: expected a str, got bytes$"
    ):
        made.cut(2, MESSAGE, USERS, RUN)


def test_transaction_id_of_the_callers_own_stands() -> None:
    """It is used as it is; the next chunk has its own again."""
    made = sieve()
    made.take(["a", "b"], USERS)
    one, other = (made.cut(1, MESSAGE, USERS, RUN, own) for own in ("mine", None))
    assert one.transaction_id == "mine"
    assert other.transaction_id == RUN.transaction_id(
        "1", "users", MESSAGE.template.digest, other.digest
    )
