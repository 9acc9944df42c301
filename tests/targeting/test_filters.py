"""Filters: how they are combined, written, and bounded to applications."""

import copy
import operator
import pickle
import re
from collections.abc import Callable
from enum import StrEnum
from functools import reduce
from itertools import accumulate
from typing import Any

import pytest
from filter_trees import CODES, NAMES, TREES, quotable
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.applications import PLATFORMS, App, AppGroup, AppTagTest
from pushwoosh_async.targeting.explain import explain
from pushwoosh_async.targeting.filter_parser import parse_filter
from pushwoosh_async.targeting.filters import MAX_NESTING, Combination, Filter
from pushwoosh_async.targeting.tags import IntegerTag, StringTag

A, B = App("AAAAA-AAAAA"), App("BBBBB-BBBBB")
X, Y = IntegerTag("x").eq(1), StringTag("y").in_("a", "b")
AX = A.tag(X)
G = AppGroup("GROUP")


class Mine(StrEnum):
    CODE = "CCCCC-CCCCC"


# -- texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (A, 'A("AAAAA-AAAAA")'),
        (App("1a2B3-zzzzz", platforms=["iOS"]), 'A("1a2B3-zzzzz", ["iOS"])'),
        (App(Mine.CODE, platforms=("ANDROID", "osx")), 'A("CCCCC-CCCCC", ["Android", "OsX"])'),
        (App("AAAAA-AAAAA", platforms=["Huawei"]), 'A("AAAAA-AAAAA", ["Huawei"])'),
        (G, 'G("GROUP")'),
        (AppGroup("GROUP", platforms=["windows_phone"]), 'G("GROUP", ["Windows_Phone"])'),
        (AX, 'AT("AAAAA-AAAAA", "x", EQ, 1)'),
        (A.tag(Y), 'AT("AAAAA-AAAAA", "y", IN, ["a", "b"])'),
        (A | B, 'A("AAAAA-AAAAA") + A("BBBBB-BBBBB")'),
        (A & X, 'A("AAAAA-AAAAA") * T("x", EQ, 1)'),
        (A - X, 'A("AAAAA-AAAAA") \\ T("x", EQ, 1)'),
    ],
)
def test_terms_and_operators_have_one_spelling(tree: Filter, text: str) -> None:
    """Platforms in the vendor's case, one blank after a comma and round an operator."""
    assert str(tree) == text


def shape(tree: Filter) -> str:
    """Return the text with one letter for each term."""
    text = str(tree)
    for letter, term in {"A": A, "B": B, "X": X, "Y": Y}.items():
        text = text.replace(str(term), letter)
    return text


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (A | B | X, "A + B + X"),
        (A | (B | X), "A + (B + X)"),
        (A & B & X, "A * B * X"),
        (A & (B & X), "A * (B * X)"),
        (A - B - X, "A \\ B \\ X"),
        (A - (B - X), "A \\ (B \\ X)"),
        ((A | B) & X, "(A + B) * X"),
        (A | (B & X), "A + (B * X)"),
        ((A & B) | X, "(A * B) + X"),
        ((A - B) | X, "(A \\ B) + X"),
        ((A | B) - X, "(A + B) \\ X"),
        (A & (B - X), "A * (B \\ X)"),
        ((A | B) | (X | Y), "A + B + (X + Y)"),
        ((A | B) & (X | Y), "(A + B) * (X + Y)"),
        (((A | B) & X) | Y, "((A + B) * X) + Y"),
    ],
)
def test_compound_operands_stand_in_parentheses(tree: Filter, text: str) -> None:
    """All but a left one of the same operator."""
    assert shape(tree) == text


@settings(deadline=None)
@given(TREES, TREES, TREES)
def test_python_groups_as_it_does_ands_and_ors(a: Filter, b: Filter, c: Filter) -> None:
    """Whatever Python's precedence makes of an expression is what parentheses would."""
    assert a | b & c == a | (b & c)
    assert a & b - c == a & (b - c)
    assert str(a | b & c) != str((a | b) & c)


@settings(deadline=None)
@given(st.recursive(TREES, lambda inner: st.builds(operator.sub, inner, inner), max_leaves=4))
def test_equal_trees_have_equal_texts_and_hashes(tree: Filter) -> None:
    """A copy and a pickle are the same filter."""
    for other in (copy.copy(tree), copy.deepcopy(tree), pickle.loads(pickle.dumps(tree))):  # noqa: S301
        assert other == tree
        assert hash(other) == hash(tree)
        assert str(other) == str(tree)


def test_trees_can_be_walked() -> None:
    """A chain by one operator is held as one combination, from left to right."""
    chain = A | B | X
    assert (chain.operator, chain.operands) == ("+", (A, B, X))
    assert (A - (B - X)).operands == (A, B - X)
    assert (AX.application, AX.test) == ("AAAAA-AAAAA", X)
    assert A.platforms is None


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "rule"),
    [
        (lambda: App("AAAAA"), ConfigurationError, "application: must be a code of the form"),
        (lambda: App("AAAAA-AAAAAA"), ConfigurationError, "application: must be a code"),
        (lambda: App("AAAA\u00c4-AAAAA"), ConfigurationError, "application: must be a code"),
        (lambda: App("AAAAA-AAAA\u0661"), ConfigurationError, "application: must be a code"),
        (lambda: App("AAAAA-AAAA\u017f"), ConfigurationError, "application: must be a code"),
        (lambda: App("AAAAA-AAAAA\n"), ConfigurationError, "application: must not hold"),
        (lambda: App('AAAAA-AAAA"'), ConfigurationError, "application: must not hold quotes"),
        (lambda: App(5), TypeError, "application: must be a str, not int"),  # type: ignore[arg-type]
        (lambda: App("AAAAA-AAAAA", platforms=[]), ConfigurationError, "platforms: must not be e"),
        (lambda: App("AAAAA-AAAAA", platforms="iOS"), TypeError, "platforms: must be a list of"),
        (lambda: App("AAAAA-AAAAA", platforms=[1]), TypeError, "platforms: must be a str, not int"),  # type: ignore[list-item]
        (lambda: App("AAAAA-AAAAA", platforms={"iOS"}), TypeError, "platforms: must be a list of"),  # type: ignore[arg-type]
        (lambda: App("AAAAA-AAAAA", platforms=[" "]), ConfigurationError, "platforms: must not be"),
        (lambda: AppGroup(" "), ConfigurationError, "group: must not be empty"),
        (lambda: AppGroup("a\\b"), ConfigurationError, "group: must not hold quotes"),
        (lambda: AppGroup(None), TypeError, "group: must be a str, not None"),  # type: ignore[arg-type]
        (lambda: AppGroup("G", platforms=()), ConfigurationError, "platforms: must not be empty"),
        (lambda: A.tag("x"), TypeError, "tag: must be a tag test, not str"),  # type: ignore[arg-type]
        (lambda: A.tag(StringTag("x")), TypeError, "tag: must be a tag test, not StringTag"),  # type: ignore[arg-type]
        (lambda: A.tag(AX), TypeError, "tag: must be a tag test, not AppTagTest"),  # type: ignore[arg-type]
        (
            lambda: App("AAAAA-AAAAA", platforms=["iOS"]).tag(X),
            ConfigurationError,
            "tag: takes no platforms",
        ),
        (lambda: AppTagTest("AAAAA", X), ConfigurationError, "application: must be a code"),
    ],
)
def test_wrong_terms_are_refused(make: Any, error: type[Exception], rule: str) -> None:
    """A refusal names the argument and the rule."""
    with pytest.raises(error) as caught:
        make()
    assert type(caught.value) is error
    assert str(caught.value).startswith(rule)


@settings(deadline=None)
@given(st.text() | CODES)
@example("AAAAA-\uff21AAAA")
def test_an_application_code_is_ten_letters_or_digits(text: str) -> None:
    """Five, a hyphen, five; ASCII alone."""
    halves = text.split("-")
    well_formed = len(halves) == 2 and all(
        len(half) == 5 and half.isascii() and half.isalnum() for half in halves
    )
    if well_formed:
        assert App(text).code == text
        return
    with pytest.raises(ConfigurationError):
        App(text)


@settings(deadline=None)
@given(st.text() | NAMES)
def test_groups_and_platforms_hold_what_quotes_can(text: str) -> None:
    """A name that the vendor does not list is kept as it is."""
    if quotable(text) and text.strip():
        assert AppGroup(text).code == text
        kept = App("AAAAA-AAAAA", platforms=[text]).platforms
        known = [name for name in PLATFORMS if name.lower() == text.lower()]
        assert kept == (*known,) or kept == (text,)
        return
    with pytest.raises(ConfigurationError):
        AppGroup(text)
    with pytest.raises(ConfigurationError):
        App("AAAAA-AAAAA", platforms=[text])


@pytest.mark.parametrize("combine", [operator.or_, operator.and_, operator.sub])
@pytest.mark.parametrize("other", ['T("x", EQ, 1)', None, 1, StringTag("x"), ("x", "EQ", 1)])
def test_filters_combine_with_filters_only(combine: Callable[..., Any], other: Any) -> None:
    """A text, a tag without a question or a plain condition is no filter."""
    for left, right in ((A, other), (other, A)):
        with pytest.raises(TypeError):
            combine(left, right)


@pytest.mark.parametrize("tree", [A, AX, G, X, A | X])
def test_a_filter_has_no_truth(tree: Any) -> None:
    """`and` would drop the left filter, and reach the wrong people without a word."""
    for wrong in (lambda: tree and X, lambda: tree or X, lambda: not tree):
        with pytest.raises(TypeError, match=r"neither true nor false: .* with \|, & and -"):
            wrong()


# -- bounded ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "bounded"),
    [
        *[(A, True), (App("AAAAA-AAAAA", platforms=["iOS"]), True), (AX, True), (G, True)],
        *[(X, False), (X | Y, False), (X & Y, False), (X - Y, False)],
        *[(A | B, True), (A | X, False), (X | A, False), (A | B | X | G, False)],
        *[(A & X, True), (X & A, True), (X & Y & G, True)],
        *[(A - X, True), (X - A, False), (X - A - B, False), (A - X - Y, True)],
        *[((A | X) & B, True), ((A & X) | (B & Y), True), ((A & X) | Y, False)],
    ],
)
def test_bounded_is_whether_the_set_lies_in_named_applications(tree: Filter, bounded: bool) -> None:
    """An application bounds, a tag does not; what it means for a combination."""
    assert tree.bounded is bounded


@settings(deadline=None)
@given(TREES, TREES)
def test_laws_of_bounds(a: Filter, b: Filter) -> None:
    """A union needs both, an intersection either, a difference the first."""
    assert (a | b).bounded is (a.bounded and b.bounded)
    assert (a & b).bounded is (a.bounded or b.bounded)
    assert (a - b).bounded is a.bounded


# -- length and depth --------------------------------------------------------------------------


def assert_usable(tree: Filter) -> None:
    """Do everything with a filter that walks its tree."""
    assert parse_filter(str(tree)) == tree
    assert pickle.loads(pickle.dumps(tree)) == copy.deepcopy(tree) == tree  # noqa: S301
    assert hash(tree) == hash(copy.copy(tree))
    assert isinstance(tree.bounded, bool)
    assert repr(tree).startswith("Combination(")
    assert explain(str(tree)).startswith("A device is chosen if ")


@pytest.mark.parametrize("combine", [operator.or_, operator.and_, operator.sub])
def test_a_chain_of_thousands_is_no_trouble(combine: Callable[..., Any]) -> None:
    """Terms side by side are not nested, however many."""
    chain: Any = reduce(combine, [IntegerTag("x").eq(number) for number in range(5000)])
    assert len(chain.operands) == 5000
    assert chain.nesting == 0
    assert_usable(chain)


def nested(levels: int, *, leftwards: bool) -> Combination:
    """Make a filter whose text has parentheses so many levels deep."""
    tree = A | X
    for level in range(levels):
        left = tree | X if level % 2 else tree & X
        tree = left if leftwards else X | tree
    return tree


@pytest.mark.parametrize("leftwards", [True, False])
def test_nesting_has_a_limit(leftwards: bool) -> None:
    """At the limit everything works; beyond it the operator that goes too far says so."""
    deepest = nested(MAX_NESTING, leftwards=leftwards)
    assert deepest.nesting == MAX_NESTING
    assert_usable(deepest)
    with pytest.raises(ConfigurationError, match="filter: must not be nested more than 50 deep"):
        X - deepest
    with pytest.raises(ConfigurationError, match="filter: must not be nested more than 50 deep"):
        nested(MAX_NESTING + 1, leftwards=leftwards)


@settings(deadline=None)
@given(TREES)
@example((A & X) | Y | B)
@example(A | (X & Y) | B | (X & (Y - B)))
def test_nesting_is_that_of_the_parentheses(tree: Filter) -> None:
    """The count that the limit is held against is how deep the text goes."""
    bare = re.sub(r"[A-Z]+\([^()]*\)", "", re.sub(r'"[^"]*"', "", str(tree)))
    depth = list(accumulate({"(": 1, ")": -1}.get(sign, 0) for sign in bare))
    assert (tree.nesting if isinstance(tree, Combination) else 0) == max(depth, default=0)
    assert depth[-1:] in ([], [0])
