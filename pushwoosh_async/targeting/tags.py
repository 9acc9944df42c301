"""Which tags does the account have, and what can be asked of each?

A tag's class has the operators of its type, in Python words, so that a type checker refuses the
rest. ``IntegerTag("Age").between(17, 20)`` is a `TagTest`: a condition and a filter as it stands.

The operators are those of either of the vendor's two languages, `TagTest.is_strict` tells which
lists which: [ES:524-597] for conditions, [ES:845-928] for filters.
"""

from typing import ClassVar, Generic, Literal, TypeAlias, TypeVar

import attrs

from pushwoosh_async.targeting.days import Day, DaysAgo
from pushwoosh_async.targeting.literals import quotable_name
from pushwoosh_async.targeting.operators import Operator, TagType
from pushwoosh_async.targeting.tag_test import TagTest

Value = TypeVar("Value", contravariant=True)
Truth: TypeAlias = bool | Literal[0, 1]


def _name(name: str) -> str:
    return quotable_name("tag", name)


@attrs.frozen
class _NamedTag:
    """What every tag can be asked.

    Each question raises TypeError for an operand that the tag's type does not hold, and
    ConfigurationError for a value that breaks a rule: texts hold no quotes, backslashes and control
    characters, numbers fit 64 bits.
    """

    name: str = attrs.field(converter=_name)
    tag_type: ClassVar[TagType | None] = None

    def notset(self) -> TagTest:
        """Ask for devices on which the tag is not set."""
        return self._test("NOTSET", "")

    def any_(self) -> TagTest:
        """Ask for devices on which the tag is set, to whatever value."""
        return self._test("ANY", "")

    def _test(self, operator: Operator, operand: object) -> TagTest:
        return TagTest(self.name, operator, operand, self.tag_type)


class _Equality(_NamedTag, Generic[Value]):
    __slots__ = ()

    def eq(self, value: Value) -> TagTest:
        """Ask for devices whose value is this one."""
        return self._test("EQ", value)


class _Inequality(_NamedTag, Generic[Value]):
    __slots__ = ()

    def noteq(self, value: Value) -> TagTest:
        """Ask for devices whose value is another one.

        Whether devices without the tag are among them is not documented.
        """
        return self._test("NOTEQ", value)


class _Membership(_NamedTag, Generic[Value]):
    __slots__ = ()

    def in_(self, *values: Value) -> TagTest:
        """Ask for devices that have one of the values; at least one must be given."""
        return self._test("IN", values)

    def notin(self, *values: Value) -> TagTest:
        """Ask for devices that have the tag set, and to none of the values.

        For those without the tag too: ``tag.notset() | tag.notin(...)`` [H-ops].
        """
        return self._test("NOTIN", values)


class _Order(_NamedTag, Generic[Value]):
    __slots__ = ()

    def gte(self, value: Value) -> TagTest:
        """Ask for devices whose value is this one or more; of a date: or later."""
        return self._test("GTE", value)

    def lte(self, value: Value) -> TagTest:
        """Ask for devices whose value is this one or less; of a date: or earlier."""
        return self._test("LTE", value)

    def between(self, low: Value, high: Value) -> TagTest:
        """Ask for devices whose value lies between two, both included [ES:541].

        `low` must not be above `high` where both are ints, days, or counts of days ago. They may be
        equal, although a vendor's page wants `low` below `high` [BLOG]: it means `eq`.
        """
        return self._test("BETWEEN", (low, high))


@attrs.frozen
class StringTag(_Equality[str], _Inequality[str], _Membership[str]):
    """A tag that holds one text. ``StringTag("City").in_("Paris", "Rome")``.

    Values of the vendor's own Country and Language are lower case, as in ``fr`` [ES:131]. A text
    may be empty. Vendor: [ES:549, ES:853].
    """

    tag_type: ClassVar[TagType | None] = "string"


@attrs.frozen
class IntegerTag(_Equality[int], _Inequality[int], _Membership[int], _Order[int]):
    """A tag that holds a number. ``IntegerTag("Age").between(17, 20)``.

    Negative numbers are taken, which in a filter is a guess. Vendor: [ES:561, ES:876].
    """

    tag_type: ClassVar[TagType | None] = "integer"


@attrs.frozen
class DateTag(_Equality[Day | DaysAgo], _Inequality[Day], _Membership[Day], _Order[Day | DaysAgo]):
    """A tag that holds a date. ``DateTag("Last Application Open").gte(days_ago(90))``.

    A value is

    * a day: a date, a text ``YYYY-MM-DD`` or ``YYYY-MM-DD 00:00``, or a datetime without a time zone,
      at midnight. Another time is refused: the vendor documents days. [ES:577, ES:926]
    * an instant: a datetime with a time zone, of a whole second, or a unix timestamp in seconds.
      Documented for conditions, a guess in filters. [ES:578]
    * `days_ago`, for all but `noteq`, `in_` and `notin`. [ES:579, ES:928]

    Vendor: [ES:574, ES:910].
    """

    tag_type: ClassVar[TagType | None] = "date"


@attrs.frozen
class BooleanTag(_Equality[Truth]):
    """A tag that is true or false. ``BooleanTag("Subscribed").eq(True)``.

    1 and 0 are taken too. A condition says ``true``, a filter, for which the vendor documents no
    boolean, says 1 as the vendor's own library does [PY]. Vendor: [ES:585].
    """

    tag_type: ClassVar[TagType | None] = "boolean"


@attrs.frozen
class ListTag(_Membership[str]):
    """A tag that holds several texts. ``ListTag("Category").in_("politics", "business")``.

    `in_` asks for devices that have at least one of them. Vendor: [ES:592, ES:900]; that the rest
    of the operators work in filters is from the vendor's help pages [H-grp].
    """

    tag_type: ClassVar[TagType | None] = "list"


@attrs.frozen
class Tag(_Equality[str | int], _Inequality[str | int], _Membership[str | int], _Order[str | int]):
    """A tag of a type that is not known here: every operator, texts and numbers.

    Its values go out as they are: a date is the text that the vendor wants. `between` takes texts,
    as in the vendor's ``Tag("Timezone").between("UTC-12:00", "UTC+14:00")`` [D-flt].
    """
