"""Strategies for filters: names, values, tests, trees, and texts that stand for trees."""

import operator
import unicodedata
from typing import Any

from hypothesis import strategies as st

from pushwoosh_async.targeting.applications import PLATFORMS, App, AppGroup
from pushwoosh_async.targeting.filters import Filter
from pushwoosh_async.targeting.operators import OPERATORS
from pushwoosh_async.targeting.tag_test import TagTest
from pushwoosh_async.targeting.tags import BooleanTag, DateTag, IntegerTag, ListTag, StringTag, Tag

INT64 = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"\\'))
NAMES = TEXTS.filter(str.strip)
CODES = st.from_regex(r"[A-Za-z0-9]{5}-[A-Za-z0-9]{5}", fullmatch=True)
PLATFORM_LISTS = st.none() | st.lists(
    st.sampled_from(PLATFORMS) | st.sampled_from(PLATFORMS).map(str.upper) | NAMES,
    min_size=1,
    max_size=3,
)


def quotable(text: str) -> bool:
    """Tell whether a filter can hold a text: no quote, backslash, control sign, lone surrogate."""
    return not any(sign in '"\\' or unicodedata.category(sign) in ("Cc", "Cs") for sign in text)


def _operands(name: str) -> st.SearchStrategy[Any]:
    scalars = TEXTS | INT64
    if name in ("NOTSET", "ANY"):
        return st.just("")
    if name in ("IN", "NOTIN"):
        return st.lists(scalars, min_size=1, max_size=3)
    if name == "BETWEEN":
        return st.tuples(TEXTS, scalars) | st.lists(INT64, min_size=2, max_size=2).map(sorted)
    return scalars


UNTYPED_TESTS = st.sampled_from(OPERATORS).flatmap(
    lambda name: st.builds(TagTest, NAMES, st.just(name), _operands(name))
)
TYPED_TESTS = st.one_of(
    st.builds(lambda name, text: StringTag(name).eq(text), NAMES, TEXTS),
    st.builds(lambda name, number: IntegerTag(name).gte(number), NAMES, INT64),
    st.builds(lambda name, day: DateTag(name).noteq(day), NAMES, st.dates()),
    st.builds(lambda name, truth: BooleanTag(name).eq(truth), NAMES, st.booleans()),
    st.builds(lambda name, texts: ListTag(name).notin(*texts), NAMES, st.lists(TEXTS, min_size=1)),
    st.builds(lambda name: Tag(name).any_(), NAMES),
)
TESTS = UNTYPED_TESTS | TYPED_TESTS
LEAVES: st.SearchStrategy[Filter] = st.one_of(
    TESTS,
    st.builds(lambda code, test: App(code).tag(test), CODES, TESTS),
    st.builds(lambda code, names: App(code, platforms=names), CODES, PLATFORM_LISTS),
    st.builds(lambda code, names: AppGroup(code, platforms=names), NAMES, PLATFORM_LISTS),
)
SET_OPERATIONS = st.sampled_from([operator.or_, operator.and_, operator.sub])
TREES: st.SearchStrategy[Filter] = st.recursive(
    LEAVES,
    lambda inner: st.builds(lambda join, a, b: join(a, b), SET_OPERATIONS, inner, inner),
    max_leaves=12,
)

_BLANKS = st.sampled_from(["", " ", "  ", "\n", "\t"])
_SIMPLE_TERMS = st.sampled_from(
    ['A("AAAAA-BBBBB")', 'T("x",EQ,1)', 'T ( "y" , IN , [ 1 , "b" ] )', 'G("g",["iOS"])']
)


@st.composite
def _chains(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """Draw terms joined by any operators, with parentheses round it or not."""
    text = draw(inner)
    for _ in range(draw(st.integers(1, 3))):
        text += draw(_BLANKS) + draw(st.sampled_from("+*\\")) + draw(_BLANKS) + draw(inner)
    return f"({draw(_BLANKS)}{text}{draw(_BLANKS)})" if draw(st.booleans()) else text


# Valid filters as a person may write them, parentheses only where they please.
FILTER_TEXTS: st.SearchStrategy[str] = st.recursive(_SIMPLE_TERMS, _chains, max_leaves=10)
