"""Is this a list of ids that may be sent to? Checked a page at a time, one id at a time on failure.

An id is a str of 1 to 1024 characters, without blanks at either end, with something visible in it,
and encodable as UTF-8. Nothing is stripped, folded or normalised: an id is the caller's, exactly.
"""

import unicodedata
from collections.abc import Sequence

from attrs import frozen

from pushwoosh_async.errors import ConfigurationError

MAX_ID = 1024


@frozen
class CheckedIds:
    """Ids that passed, with what the check learnt on the way.

    Attributes:
        ids: as given.
        lengths: of each, in characters.
    """

    ids: Sequence[str]
    lengths: list[int]


def checked(ids: Sequence[str], argument: str, *, start: int = 0) -> CheckedIds:
    """Check ids all at once.

    Args:
        ids: to be sent to.
        argument: what the caller calls them, for the error.
        start: position of the first in the whole input.

    Raises:
        TypeError: one is not a str (a subclass is not: its text could change).
        ConfigurationError: one breaks the rule; the error names position and rule, never the id.
    """
    if set(map(type, ids)) - {str}:
        raise _wrong_type(ids, argument, start)
    lengths = list(map(len, ids))
    if lengths and not _plainly_fine(ids, lengths):
        for offset, text in enumerate(ids):
            if fault := id_fault(text):
                raise ConfigurationError(f"{argument}[{start + offset}]: {fault}")
    return CheckedIds(ids, lengths)


def _plainly_fine(ids: Sequence[str], lengths: Sequence[int]) -> bool:
    """Tell, at C speed, that nothing is wrong with any of them; False means look closer."""
    return (
        min(lengths) > 0
        and max(lengths) <= MAX_ID
        and "".join(ids).isascii()  # no surrogates, no invisible spaces
        and list(map(str.strip, ids)) == list(ids)
    )


def id_fault(text: str) -> str | None:
    """Return the rule that an id breaks, or None."""
    if not text:
        return "an id must not be empty"
    if len(text) > MAX_ID:
        return f"an id has at most {MAX_ID} characters"
    if text != text.strip():
        return "an id must not begin or end with a blank"
    if all(unicodedata.category(character)[0] in "CZ" for character in text):
        return "an id must have a visible character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "an id must be encodable as UTF-8 (it holds a lone surrogate)"
    return None


def _wrong_type(ids: Sequence[object], argument: str, start: int) -> TypeError:
    offset, found = next((i, type(item)) for i, item in enumerate(ids) if type(item) is not str)
    return TypeError(f"{argument}[{start + offset}]: expected a str, got {found.__name__}")
