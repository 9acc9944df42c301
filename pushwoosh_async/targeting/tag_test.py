"""What is asked of one tag? A test is a condition of createMessage and a filter as it stands."""

from typing import Self

import attrs

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.days import condition_day
from pushwoosh_async.targeting.filters import Filter
from pushwoosh_async.targeting.literals import quotable_name, written, written_list
from pushwoosh_async.targeting.operands import Scalar, TestOperand, read_operand
from pushwoosh_async.targeting.operators import (
    LANGUAGES,
    OPERATORS,
    TAG_TYPES,
    Language,
    Operator,
    TagType,
    allowed_operators,
    listed_operators,
)


@attrs.frozen(init=False)
class TagTest(Filter):
    """A question about one tag, such as ``IntegerTag("Age").between(17, 20)``.

    Made by the methods of a tag, and by `parse_filter`. Two tests are equal if they are the same
    filter; the tag's type, which a filter's text does not show, is not compared.

    Attributes:
        name: of the tag.
        operator: ``"EQ"``, ``"NOTEQ"``, ``"IN"``, ``"NOTIN"``, ``"GTE"``, ``"LTE"``,
            ``"BETWEEN"``, ``"NOTSET"`` or ``"ANY"``. [ES:524-543]
        operand: as a filter holds it: a str or an int, a tuple of them for a list, ``""`` for
            NOTSET and ANY; a day as ``YYYY-MM-DD``, true as 1.
        tag_type: ``"string"``, ``"integer"``, ``"date"``, ``"boolean"`` or ``"list"``; None if it
            is unknown.
    """

    name: str
    operator: Operator
    operand: TestOperand
    tag_type: TagType | None = attrs.field(eq=False)

    def __init__(
        self,
        name: str,
        operator: Operator,
        operand: object = "",
        tag_type: TagType | None = None,
    ) -> None:
        """Check the test.

        Raises:
            TypeError: an operand of a type that the tag does not hold.
            ConfigurationError: the tag's type does not have the operator, or a rule is broken.
        """
        plain = quotable_name("tag", name)
        _check_operator(plain, operator, tag_type)
        read = read_operand(plain, tag_type, operator, operand)
        self.__attrs_init__(plain, operator, read, tag_type)

    @property
    def bounded(self) -> bool:
        """False: tags are shared by all applications of the account [ES:849]."""
        return False

    def as_condition(self) -> tuple[str, str, str | int | list[str | int]]:
        """Return ``(tag, operator, operand)`` as ``conditions`` of createMessage takes it.

        A list is a new list; a `DateTag`'s day has ``00:00`` behind it and a `BooleanTag`'s value
        is a bool. Vendor: [ES:549-597].
        """
        if isinstance(self.operand, tuple):
            return self.name, self.operator, list(map(self._in_condition, self.operand))
        return self.name, self.operator, self._in_condition(self.operand)

    def is_strict(self, language: Language) -> bool:
        """Tell whether the vendor's own table for ``"conditions"`` or ``"filter"`` has this test.

        A tag of each type has the operators of both tables. False where the type is unknown.
        Vendor: [ES:549-597] and [ES:853-922].

        Raises:
            ConfigurationError: there is no such language.
        """
        if language not in LANGUAGES:
            raise ConfigurationError(f"language: must be {' or '.join(map(repr, LANGUAGES))}")
        return self.operator in listed_operators(self.tag_type, language)

    def strict(self, language: Language) -> Self:
        """Return this test if the vendor's own table for the language has it; see `is_strict`.

        Raises:
            ConfigurationError: it has not, or the tag's type is unknown.
        """
        if self.is_strict(language):
            return self
        tag = f"a {self.tag_type} tag" if self.tag_type else "a tag of unknown type"
        raise ConfigurationError(
            f"{self.name} {self.operator}: the vendor's {language} do not list it for {tag}"
        )

    def arguments(self) -> str:
        """Return what a filter writes in the parentheses: name, operator and operand."""
        operand = self.operand
        shown = written_list(operand) if isinstance(operand, tuple) else written(operand)
        return f"{written(self.name)}, {self.operator}, {shown}"

    def __str__(self) -> str:
        return f"T({self.arguments()})"

    def _in_condition(self, value: Scalar) -> Scalar:
        if self.tag_type == "date":
            return condition_day(value)
        return bool(value) if self.tag_type == "boolean" and self.operator == "EQ" else value


def _check_operator(tag: str, operator: Operator, tag_type: TagType | None) -> None:
    if operator not in OPERATORS:
        raise ConfigurationError(f"operator: must be one of {', '.join(OPERATORS)}")
    if tag_type is not None and tag_type not in TAG_TYPES:
        raise ConfigurationError(f"tag_type: must be None or one of {', '.join(TAG_TYPES)}")
    allowed = allowed_operators(tag_type)
    if operator not in allowed:
        listed = ", ".join(name for name in OPERATORS if name in allowed)
        raise ConfigurationError(f"{tag} {operator}: a {tag_type} tag has {listed}, not {operator}")
