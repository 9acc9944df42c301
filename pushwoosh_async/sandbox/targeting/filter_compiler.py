r"""Which devices does a ``devices_filter`` choose? The grammar of api.md 2.3, read strictly. Pure.

``\`` binds tighter than ``+`` and ``*``, which are equal; all go from left to right. Operators are
upper case; platform names may be in any case, as the vendor itself writes them.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TypeVar

from attrs import frozen

from pushwoosh_async.sandbox import platforms
from pushwoosh_async.sandbox.devices import Device, Predicate
from pushwoosh_async.sandbox.targeting.filter_tokens import FilterSyntaxError, Kind, Token, tokens
from pushwoosh_async.sandbox.targeting.tag_tests import (
    LISTED,
    RANGE,
    SCALAR,
    UNARY,
    TagTest,
    tag_test,
)

_TYPES: Mapping[str, int] = {platforms.NAMES[each]: each for each in platforms.FILTERABLE}
_MAX_DEPTH = 100
_T = TypeVar("_T")

# How a device that is in the left set, or not, and in the right one, or not, is in both together.
_SETS: Mapping[str, Callable[[bool, bool], bool]] = {
    "+": lambda left, right: left or right,
    "*": lambda left, right: left and right,
    "\\": lambda left, right: left and not right,
}


@frozen
class Filter:
    """A filter that compiled.

    Attributes:
        matches: whether a device is in its set.
        applications: the codes it names, in A() or AT().
    """

    matches: Predicate
    applications: frozenset[str]


def compile_filter(text: str, today: date) -> Filter:
    """Compile a filter.

    Args:
        text: as on the wire, such as ``A("XXXXX-XXXXX") * T("City", EQ, "Paris")``.
        today: the day from which ``"N days ago"`` counts.

    Raises:
        FilterSyntaxError: the text is no filter.
    """
    compiler = _Compiler(text, today)
    matches = compiler.whole()
    return Filter(matches, frozenset(compiler.applications))


class _Compiler:
    def __init__(self, text: str, today: date) -> None:
        self._tokens = tokens(text)
        self._next = next(self._tokens)
        self._today = today
        self._depth = 0
        self.applications: set[str] = set()

    def whole(self) -> Predicate:
        matches = self._expression()
        self._take("end")
        return matches

    def _expression(self) -> Predicate:
        return self._chain(self._difference, ("+", "*"))

    def _difference(self) -> Predicate:
        return self._chain(self._primary, ("\\",))

    def _chain(self, operand: Callable[[], Predicate], signs: tuple[str, ...]) -> Predicate:
        """Read operands joined by these signs. A list, not a tree: a chain may be of any length."""
        first = operand()
        rest = []
        while any(map(self._is_next, signs)):
            combine = _SETS[self._take("sign").text]
            rest.append((combine, operand()))

        def matches(device: Device) -> bool:
            result = first(device)
            for combine, other in rest:
                result = combine(result, other(device))
            return result

        return matches if rest else first

    def _primary(self) -> Predicate:
        if self._is_next("("):
            return self._group()
        terms = {"A": self._application, "T": self._tag, "AT": self._application_tag}
        word = self._next
        if word.kind != "word" or word.text not in terms:
            raise _unexpected(word, "A, T, AT or an opening parenthesis")
        self._take("word")
        self._sign("(")
        matches = terms[word.text]()
        self._sign(")")
        return matches

    def _group(self) -> Predicate:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _unexpected(self._next, f"at most {_MAX_DEPTH} levels of parentheses")
        self._sign("(")
        matches = self._expression()
        self._sign(")")
        self._depth -= 1
        return matches

    def _application(self) -> Predicate:
        code = self._application_code()
        types: Collection[int] = platforms.NAMES
        if self._is_next(","):
            self._sign(",")
            types = frozenset(self._list(self._platform))

        def matches(device: Device) -> bool:
            registration = device.registrations.get(code)
            return registration is not None and registration.device_type in types

        return matches

    def _tag(self) -> Predicate:
        name, test = self._tag_name(), self._test()
        return lambda device: test(device.tags.get(name))

    def _application_tag(self) -> Predicate:
        code = self._application_code()
        self._sign(",")
        name, test = self._tag_name(), self._test()

        def matches(device: Device) -> bool:
            registration = device.registrations.get(code)
            return registration is not None and test(registration.tags.get(name))

        return matches

    def _application_code(self) -> str:
        code = self._take("string").text
        self.applications.add(code)
        return code

    def _tag_name(self) -> str:
        name = self._take("string").text
        self._sign(",")
        return name

    def _test(self) -> TagTest:
        operator = self._take("word")
        self._sign(",")
        return tag_test(operator.text, self._operand(operator), self._today)

    def _operand(self, operator: Token) -> object:
        if operator.text in SCALAR:
            return self._scalar()
        if operator.text in LISTED:
            return self._list(self._scalar)
        if operator.text in UNARY:
            return self._empty()
        if operator.text != RANGE:
            raise _unexpected(operator, "an operator")
        start = self._next
        limits = self._list(self._scalar)
        if len(limits) != 2:
            raise _unexpected(start, "a minimum and a maximum")
        return limits

    def _scalar(self) -> str | int:
        if self._next.kind == "integer":
            return int(self._take("integer").text)
        return self._take("string").text

    def _empty(self) -> str:
        token = self._take("string")
        if token.text:
            raise _unexpected(token, "an empty string")
        return ""

    def _list(self, member: Callable[[], _T]) -> list[_T]:
        self._sign("[")
        members = [member()]
        while not self._is_next("]"):
            self._sign(",")
            members.append(member())
        self._sign("]")
        return members

    def _platform(self) -> int:
        token = self._take("string")
        if token.text.upper() not in _TYPES:
            raise _unexpected(token, "the name of a platform")
        return _TYPES[token.text.upper()]

    def _is_next(self, sign: str) -> bool:
        return self._next.kind == "sign" and self._next.text == sign

    def _sign(self, text: str) -> None:
        if not self._is_next(text):
            raise _unexpected(self._next, f'"{text}"')
        self._take("sign")

    def _take(self, kind: Kind) -> Token:
        token = self._next
        if token.kind != kind:
            raise _unexpected(token, _EXPECTED[kind])
        if kind != "end":
            self._next = next(self._tokens)
        return token


_EXPECTED: Mapping[Kind, str] = {
    "string": "a string",
    "integer": "an integer",
    "word": "an operator",
    "sign": "a sign",
    "end": "an operation or the end",
}


def _unexpected(token: Token, expected: str) -> FilterSyntaxError:
    return FilterSyntaxError(f"Expected {expected} at position {token.position}.")
