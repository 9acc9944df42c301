"""What a field's value must obey: each rule as a check, and in the words that the page of fields uses."""

import re
from collections.abc import Callable
from typing import Any

import attrs

from pushwoosh_async.errors import ConfigurationError


@attrs.frozen
class Rule:
    """One rule.

    Attributes:
        words: what follows "must", as in ``"be between 1 and 30"``.
        check: called with the argument's name and its value, raises ConfigurationError.
    """

    words: str
    check: Callable[[str, Any], None]


def must(words: str, holds: Callable[[Any], bool], *, shown: bool = False) -> Rule:
    """Return the rule that `holds` of a value; its error shows the value only where that is `shown`."""

    def check(name: str, value: Any) -> None:
        if not holds(value):
            got = f", not {value}" if shown else ""
            raise ConfigurationError(f"{name}: must {words}{got}")

    return Rule(words, check)


def between(lowest: float, highest: float) -> Rule:
    """Return the rule that a number lies in a range, both ends included."""
    words = f"be between {lowest} and {highest}"
    return must(words, lambda value: lowest <= value <= highest, shown=True)


def one_of(*allowed: str | int) -> Rule:
    """Return the rule that a value is one of those the vendor lists."""
    return must(f"be {' or '.join(map(repr, allowed))}", lambda value: value in allowed)


def at_least(lowest: int) -> Rule:
    """Return the rule that a number is not below `lowest`."""
    return must(f"be at least {lowest}", lambda value: value >= lowest, shown=True)


def matching(words: str, pattern: str) -> Rule:
    """Return the rule that the whole of a text matches `pattern`."""
    compiled = re.compile(pattern)
    return must(words, lambda text: compiled.fullmatch(text) is not None)


positive = must("be more than 0", lambda value: value > 0, shown=True)

# A text of nothing but white space is a code that somebody's settings left empty.
not_blank = must("not be empty", lambda text: bool(text.strip()))

# A plain str may be empty.
some_language = must(
    "hold at least one language", lambda texts: isinstance(texts, str) or bool(texts)
)

# The vendor names no limit: a guess.
short_and_printable = must(
    "be 1 to 255 printable characters", lambda text: len(text) <= 255 and text.isprintable()
)

E164 = r"\+[1-9][0-9]{1,14}"
phone_number = matching("be a number in E.164, such as '+1234567890'", E164)
