"""Which operators does a tag of each type have, in which of the vendor's two languages?"""

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

Operator: TypeAlias = Literal[
    "EQ", "NOTEQ", "IN", "NOTIN", "GTE", "LTE", "BETWEEN", "NOTSET", "ANY"
]
TagType: TypeAlias = Literal["string", "integer", "date", "boolean", "list"]
Language: TypeAlias = Literal["conditions", "filter"]

OPERATORS: tuple[Operator, ...] = get_args(Operator)
LANGUAGES: tuple[Language, ...] = get_args(Language)
NO_OPERAND: tuple[Operator, ...] = ("NOTSET", "ANY")
LIST_OPERAND: tuple[Operator, ...] = ("IN", "NOTIN", "BETWEEN")

_PRESENCE = frozenset[Operator](NO_OPERAND)
_LISTS = frozenset[Operator]({"IN", "NOTIN"})
_EQUALITY = frozenset[Operator]({"EQ", "NOTEQ"})
_ORDER = frozenset[Operator]({"GTE", "LTE", "BETWEEN"})

# The tables of ES:549-597 (conditions) and ES:853-922 (filter), as they stand there.
_VENDOR: Mapping[TagType, Mapping[Language, frozenset[Operator]]] = {
    "string": {
        "conditions": _EQUALITY | _LISTS | _PRESENCE,
        "filter": _EQUALITY | _LISTS | _PRESENCE,
    },
    "integer": {
        "conditions": _EQUALITY | _LISTS | _ORDER | _PRESENCE,
        "filter": _EQUALITY | _LISTS | _ORDER | _PRESENCE,
    },
    "date": {
        "conditions": _EQUALITY | _LISTS | _ORDER | _PRESENCE,
        "filter": _EQUALITY | _ORDER | _PRESENCE,
    },
    "boolean": {"conditions": frozenset({"EQ", "NOTSET", "ANY"}), "filter": frozenset()},
    "list": {"conditions": _LISTS | _PRESENCE, "filter": frozenset({"IN"})},
}
TAG_TYPES: tuple[TagType, ...] = tuple(_VENDOR)


def listed_operators(tag_type: TagType | None, language: Language) -> frozenset[Operator]:
    """Return the operators that the vendor's own table for `language` lists for `tag_type`.

    None is a tag of unknown type, for which the vendor lists nothing. Source: [ES:549-597] for
    conditions, [ES:853-922] for filters.
    """
    return _VENDOR[tag_type][language] if tag_type else frozenset()


def allowed_operators(tag_type: TagType | None) -> frozenset[Operator]:
    """Return the operators we allow: what either language lists, and all if the type is unknown.

    The union, because the filter table is incomplete: the vendor's own help uses NOTIN and NOTSET
    on list tags there [H-grp].
    """
    if tag_type is None:
        return frozenset(OPERATORS)
    return _VENDOR[tag_type]["conditions"] | _VENDOR[tag_type]["filter"]
