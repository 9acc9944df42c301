"""Which texts and numbers can a filter hold, and how does it write them?"""

import re

from pushwoosh_async.errors import ConfigurationError

MAX_INTEGER = 2**63 - 1

# The vendor documents no escape, so what would need one has no way in. The vendor's library lets
# it pass [PY], which is how a value could become a filter.
UNQUOTABLE = re.compile(r'["\\\x00-\x1f\x7f-\x9f\ud800-\udfff]')


def quotable(name: str, value: object) -> str:
    """Return `value` as a plain str that can stand between quotes.

    Args:
        name: what to call it in an error.
        value: to be checked.

    Raises:
        TypeError: it is not a str.
        ConfigurationError: it holds a quote, a backslash, a control character or a lone surrogate.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name}: must be a str, not {type_name(value)}")
    if UNQUOTABLE.search(value):
        raise ConfigurationError(
            f"{name}: must not hold quotes, backslashes or control characters:"
            " a filter has no way to write them"
        )
    return str.__str__(value)  # str(member) of an enum is its name


def quotable_name(name: str, value: object) -> str:
    """Return `value` as `quotable` does; a text of nothing but blanks is refused too."""
    plain = quotable(name, value)
    if not plain.strip():
        raise ConfigurationError(f"{name}: must not be empty")
    return plain


def integer(name: str, value: object) -> int:
    """Return `value` as a plain int of 64 bits. That the vendor holds so many is a guess.

    Raises:
        TypeError: it is not an int; a bool is none.
        ConfigurationError: it does not fit.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}: must be an int, not {type_name(value)}")
    if not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
        raise ConfigurationError(f"{name}: must fit 64 bits")
    return int.__int__(value)


def written(value: str | int) -> str:
    """Return a text or a number as a filter writes it."""
    return str(value) if isinstance(value, int) else f'"{value}"'


def written_list(values: tuple[str | int, ...]) -> str:
    """Return a list as a filter writes it."""
    return f"[{', '.join(map(written, values))}]"


def type_name(value: object) -> str:
    """Return how an error calls the type of a wrong value."""
    return "None" if value is None else type(value).__name__
