r"""Which tree does the text of a filter stand for? The vendor describes it in [ES:814-939].

``\`` binds tighter than ``+`` and ``*``, which are equal; all go from left to right [ES:937]. The
parser keeps its own stack, so that no depth of parentheses is too much for it.
"""

from collections.abc import Callable, Sequence
from functools import partial

from pushwoosh_async.targeting.applications import App, AppGroup
from pushwoosh_async.targeting.filter_tokens import END, INTEGER, TEXT, Tokens
from pushwoosh_async.targeting.filters import Filter, SetOperator, combine
from pushwoosh_async.targeting.literals import type_name
from pushwoosh_async.targeting.operands import Scalar, TestOperand
from pushwoosh_async.targeting.operators import LIST_OPERAND, NO_OPERAND, OPERATORS, Operator
from pushwoosh_async.targeting.tag_test import TagTest
from pushwoosh_async.targeting.tags import Tag

_SET_OPERATORS: tuple[SetOperator, ...] = ("+", "*", "\\")
_BY_NAME: dict[str, Operator] = {operator: operator for operator in OPERATORS}
_BY_SIGN: dict[str, SetOperator] = {operator: operator for operator in _SET_OPERATORS}
_LONGEST_INTEGER = 20


def parse_filter(text: str) -> Filter:
    """Return the tree of a filter's text; ``parse_filter(str(tree)) == tree``.

    Blanks and line breaks between the parts, and upper or lower case of operators and platforms,
    do not matter: the vendor's own examples vary in them. The tags are of unknown type.

    Raises:
        TypeError: `text` is not a str.
        FilterSyntaxError: it is not a filter, a value breaks a rule (an application code, a tag
            name, the bounds of BETWEEN), or the tree is more than `MAX_NESTING` deep.
    """
    if not isinstance(text, str):
        raise TypeError(f"filter: must be a str, not {type_name(text)}")
    tokens = Tokens(text)
    levels = [_Level()]
    while True:
        while tokens.skip("("):
            levels.append(_Level())
        levels[-1].add(_term(tokens))
        while len(levels) > 1 and tokens.current.kind == ")":
            closed = tokens.made(tokens.current.start, levels.pop().close)
            tokens.take(")")
            levels[-1].add(closed)
        start = tokens.current.start
        sign = tokens.take(*_SET_OPERATORS, END if len(levels) == 1 else ")")
        if not sign:
            return tokens.made(start, levels.pop().close)
        tokens.made(start, levels[-1].go_on, _BY_SIGN[sign])


class _Level:
    """What has been read between two parentheses so far."""

    def __init__(self) -> None:
        self._operands: list[Filter] = []
        self._operator: SetOperator = "+"  # between the operands
        self._differences: list[Filter] = []  # the last operand: what is subtracted from what

    def add(self, operand: Filter) -> None:
        self._differences.append(operand)

    def go_on(self, operator: SetOperator) -> None:
        if operator == "\\":
            return
        self._end_operand()
        if operator != self._operator:
            self._operands = [_combined(self._operator, self._operands)]
            self._operator = operator

    def close(self) -> Filter:
        self._end_operand()
        return _combined(self._operator, self._operands)

    def _end_operand(self) -> None:
        self._operands.append(_combined("\\", self._differences))
        self._differences = []


def _combined(operator: SetOperator, operands: Sequence[Filter]) -> Filter:
    return operands[0] if len(operands) == 1 else combine(operator, operands)


def _term(tokens: Tokens) -> Filter:
    if tokens.current.text.upper() not in _TERMS:
        raise tokens.unexpected(*_TERMS, "'('")
    read = _TERMS[tokens.take_word(*_TERMS)]
    tokens.take("(")
    term = read(tokens)
    tokens.take(")")
    return term


def _devices(kind: type[App] | type[AppGroup], tokens: Tokens) -> Filter:
    start = tokens.current.start
    code = tokens.take_text()
    every = tokens.made(start, kind, code)
    if tokens.current.kind == ")":
        return every
    tokens.take(",", ")")
    start = tokens.current.start
    tokens.take("[")
    platforms = [tokens.take_text()]
    while tokens.take(",", "]") == ",":
        platforms.append(tokens.take_text())
    return tokens.made(start, kind, code, platforms=platforms)


def _application_test(tokens: Tokens) -> Filter:
    start = tokens.current.start
    application = tokens.made(start, App, tokens.take_text())
    tokens.take(",")
    return application.tag(_test(tokens))


def _test(tokens: Tokens) -> TagTest:
    start = tokens.current.start
    tag = tokens.made(start, Tag, tokens.take_text())
    tokens.take(",")
    operator = _BY_NAME[tokens.take_word(*OPERATORS)]
    tokens.take(",")
    start = tokens.current.start
    return tokens.made(start, TagTest, tag.name, operator, _operand(tokens, operator))


def _operand(tokens: Tokens, operator: Operator) -> TestOperand:
    if operator in NO_OPERAND:
        if tokens.current.text != '""':
            raise tokens.unexpected('""')
        return tokens.take_text()
    if operator not in LIST_OPERAND:
        return _scalar(tokens)
    tokens.take("[")
    values = [_scalar(tokens)]
    while tokens.take(",", "]") == ",":
        values.append(_scalar(tokens))
    return tuple(values)


def _scalar(tokens: Tokens) -> Scalar:
    if tokens.current.kind == TEXT:
        return tokens.take_text()
    start = tokens.current.start
    digits = tokens.take(INTEGER, TEXT)
    if len(digits) > _LONGEST_INTEGER:  # int() refuses thousands of them with an error of its own
        raise tokens.error("an integer must fit 64 bits", start)
    return int(digits)


_TERMS: dict[str, Callable[[Tokens], Filter]] = {
    "A": partial(_devices, App),
    "T": _test,
    "AT": _application_test,
    "G": partial(_devices, AppGroup),
}
