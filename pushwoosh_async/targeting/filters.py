r"""Which devices? A set of them as an expression: ``|`` unites, ``&`` intersects, ``-`` subtracts.

``str(filter)`` is the text for ``devices_filter``. It is canonical: one spelling, and parentheses
round every compound operand except a left one of the same operator, so that no meaning rests on
precedence: the vendor's sentence about it has lost its ``\`` in print [ES:937].
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal, NoReturn, TypeAlias

import attrs

from pushwoosh_async.errors import ConfigurationError

SetOperator: TypeAlias = Literal["+", "*", "\\"]

# A segment that a person made is less than ten deep. 50 keep pickle and deepcopy, which recurse
# eight times a level, clear of Python's own limit.
MAX_NESTING = 50


class Filter(ABC):
    r"""A set of devices: a tag test, an application, a group of them, or a combination of filters.

    Immutable and hashable. ``a | b`` is the devices in either, ``a & b`` those in both, ``a - b``
    those in `a` and not in `b`; the vendor writes them ``+``, ``*`` and ``\`` [ES:930-939].
    ``and``, ``or``, ``not`` and ``if`` are a TypeError, since Python would drop an operand.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def bounded(self) -> bool:
        """Whether every device in the set certainly belongs to an application that is named.

        Where not, the filter reaches devices of every application of the account [BLOG].
        """

    @abstractmethod
    def __str__(self) -> str: ...

    def __or__(self, other: "Filter") -> "Combination":
        if not isinstance(other, Filter):
            return NotImplemented
        return combine("+", (self, other))

    def __and__(self, other: "Filter") -> "Combination":
        if not isinstance(other, Filter):
            return NotImplemented
        return combine("*", (self, other))

    def __sub__(self, other: "Filter") -> "Combination":
        if not isinstance(other, Filter):
            return NotImplemented
        return combine("\\", (self, other))

    def __bool__(self) -> NoReturn:
        raise TypeError("a filter is neither true nor false: combine filters with |, & and -")


@attrs.frozen
class Combination(Filter):
    r"""Two or more filters under one operator, from left to right. Made by ``|``, ``&`` and ``-``.

    Attributes:
        operator: ``+``, ``*`` or ``\``.
        operands: at least two; the first is never a combination by the same operator, for
            ``(a | b) | c`` is held as three operands.
        nesting: how deep the parentheses of the text go.
    """

    operator: SetOperator
    operands: tuple[Filter, ...]
    nesting: int = attrs.field(eq=False, repr=False)

    @property
    def bounded(self) -> bool:
        r"""One bounded operand is enough for ``*``; ``+`` needs all; of ``\`` the first counts."""
        if self.operator == "+":
            return all(operand.bounded for operand in self.operands)
        if self.operator == "*":
            return any(operand.bounded for operand in self.operands)
        return self.operands[0].bounded

    def __str__(self) -> str:
        return f" {self.operator} ".join(map(_operand_text, self.operands))


def combine(operator: SetOperator, operands: Sequence[Filter]) -> Combination:
    """Return two or more filters under one operator, from left to right.

    Raises:
        ConfigurationError: the parentheses would be nested more than `MAX_NESTING` deep.
    """
    first, *others = operands
    if isinstance(first, Combination) and first.operator == operator:
        nesting, operands = first.nesting, (*first.operands, *others)
    else:
        nesting = _nesting_as_operand(first)
    nesting = max(nesting, *map(_nesting_as_operand, others))
    if nesting > MAX_NESTING:
        raise ConfigurationError(f"filter: must not be nested more than {MAX_NESTING} deep")
    return Combination(operator, tuple(operands), nesting)


def _nesting_as_operand(operand: Filter) -> int:
    return operand.nesting + 1 if isinstance(operand, Combination) else 0


def _operand_text(operand: Filter) -> str:
    return f"({operand})" if isinstance(operand, Combination) else str(operand)
