"""The API token, wrapped so that it cannot be printed, pickled or compared by accident."""

import hmac
import html
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from pushwoosh_async.errors import ConfigurationError

REDACTED = "[token]"
MAX_TOKEN = 1000  # characters; the vendor's have 64 or so

# How a character is written in JSON and Python, in a URL, in HTML; and how deep one may be in another.
_NOTATIONS = (
    re.compile(r"\\(?:u00(?P<u>[0-9a-fA-F]{2})|x(?P<x>[0-9a-fA-F]{2})|(?P<itself>[!-~]))"),
    re.compile(r"%(?P<percent>[0-9a-fA-F]{2})"),
    re.compile(r"&(?P<html>#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,32});"),
)
_MARKS = "\\%&"
_DEEPEST = 2


class Secret:
    """A token. Only `reveal()` gives it out, and only the body of a request may ask."""

    __slots__ = ("_value",)

    def __init__(self, value: object, argument: str) -> None:
        """Wrap a token.

        Args:
            value: the token: printable ASCII, no blanks; what else would not survive a JSON body
                or a header unchanged.
            argument: what the user calls it, for the error.

        Raises:
            TypeError: it is not a str.
            ConfigurationError: it is empty or holds a character no token has.
        """
        fault = _fault(value, argument)
        if fault is None:
            self._value = str(value)
        del value  # a traceback that shows variables must not show it
        if fault is not None:
            raise fault

    def reveal(self) -> str:
        """Return the token itself."""
        return self._value

    def redact(self, text: str) -> str:
        """Return the text without the token: as it is, and escaped as JSON, URLs, HTML or Python do.

        A server may quote the body it was sent, in a page or in JSON of its own: two of them, one in the
        other, are undone.
        """
        if not any(mark in text for mark in _MARKS):  # then nothing in it is escaped
            return text.replace(self._value, REDACTED)
        places = sorted(
            (begins[found], begins[found + len(self._value)])
            for meant, begins in _readings(text)
            for found in self._find(meant)
        )
        parts: list[str] = []
        done = 0
        for begin, end in places:
            if begin >= done:
                parts += text[done:begin], REDACTED
            done = max(done, end)
        return "".join([*parts, text[done:]])

    def _find(self, text: str) -> Iterator[int]:
        found = text.find(self._value)
        while found >= 0:
            yield found
            found = text.find(self._value, found + len(self._value))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]  # a hash of a token is one more place for it

    def __repr__(self) -> str:
        return "Secret(...)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied")


def _readings(text: str) -> Iterator[tuple[str, list[int]]]:
    """Yield what a text may mean, and where in the text each of its characters begins; itself first."""
    level = [(text, list(range(len(text) + 1)))]
    for _ in range(_DEEPEST):
        yield from level
        level = [
            undone
            for meant, begins in level
            for notation in _NOTATIONS
            if (undone := _undo(notation, meant, begins))[0] != meant
        ]
    yield from level


def _undo(notation: re.Pattern[str], text: str, begins: list[int]) -> tuple[str, list[int]]:
    parts: list[str] = []
    kept: list[int] = []
    done = 0
    for found in notation.finditer(text):
        if (character := _meaning(found)) is None:
            continue
        parts += text[done : found.start()], character
        kept += begins[done : found.start() + 1]
        done = found.end()
    return "".join([*parts, text[done:]]), kept + begins[done:]


def _meaning(found: re.Match[str]) -> str | None:
    """Return the character that is written here; None if no token can have it."""
    written = found[found.lastgroup or 0]
    if found.lastgroup == "itself":
        return written
    character = html.unescape(found[0]) if found.lastgroup == "html" else chr(int(written, 16))
    return character if len(character) == 1 and "!" <= character <= "~" else None


def _fault(value: object, argument: str) -> Exception | None:
    if not isinstance(value, str):
        return TypeError(f"{argument}: expected a str, got {type(value).__name__}")
    if not value:
        return ConfigurationError(f"{argument}: must not be empty")
    if len(value) > MAX_TOKEN:
        return ConfigurationError(f"{argument}: at most {MAX_TOKEN} characters")
    if not all("!" <= character <= "~" for character in value):
        return ConfigurationError(f"{argument}: only printable ASCII without blanks is allowed")
    return None
