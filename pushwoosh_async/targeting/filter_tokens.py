"""What are the words of a filter's text, and what is wrong at which place of it?"""

import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import attrs

from pushwoosh_async.errors import ConfigurationError, FilterSyntaxError
from pushwoosh_async.targeting.literals import UNQUOTABLE

TEXT = "a text in double quotes"
INTEGER = "an integer"
END = "the end"
_WORD = "a word"
_STRAY = "a stray character"

_TOKEN = re.compile(r'"[^"]*"|-?[0-9]+|[A-Za-z]+|[()\[\],+*\\]')
_BLANKS = re.compile(r"\s*")
_KINDS = {'"': TEXT, "-": INTEGER}
_JSON_QUOTE = "a backslash before a quote belongs to JSON: take it out"
_CURLY = "quotes must be straight and double"
_OTHER_QUOTES = ("'", *"\u2018\u2019\u201c\u201d\u201e\u201f\u00ab\u00bb")

# How much of a long line an error shows on each side of the place.
_EXCERPT = 36

Made = TypeVar("Made")
Arguments = ParamSpec("Arguments")


@attrs.frozen
class Token:
    """A word of the text.

    Attributes:
        kind: `TEXT`, `INTEGER`, `END`, a sign of the language, or something else.
        text: as it stands there, a text with its quotes.
        start: where in the filter it stands.
    """

    kind: str
    text: str
    start: int


class Tokens:
    """Reads a text token by token; `current` is the one that comes next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = len(text.rstrip())
        self.current = self._token_from(0)

    def skip(self, kind: str) -> bool:
        """Go over the next token if it is of a kind; tell whether it was."""
        found = self.current.kind == kind
        if found:
            self.take(kind)
        return found

    def take(self, *kinds: str) -> str:
        """Go over the next token, which must be of one of the kinds, and return its text.

        Raises:
            FilterSyntaxError: it is of another kind.
        """
        token = self.current
        if token.kind not in kinds:
            raise self.unexpected(*map(_shown_kind, kinds))
        self.current = self._token_from(token.start + len(token.text))
        return token.text

    def take_text(self) -> str:
        """Go over a text and return what stands between its quotes.

        Raises:
            FilterSyntaxError: it is no text, or holds what a filter cannot.
        """
        start = self.current.start + 1
        text = self.take(TEXT)[1:-1]
        if stray := UNQUOTABLE.search(text):
            complaint = "a text must not hold backslashes or control characters"
            raise self.error(complaint, start + stray.start())
        return text

    def take_word(self, *words: str) -> str:
        """Go over one of the words, in any case, and return it in upper case.

        Raises:
            FilterSyntaxError: it is none of them.
        """
        word = self.current.text.upper()
        if self.current.kind != _WORD or word not in words:
            raise self.unexpected(*words)
        self.take(_WORD)
        return word

    def made(
        self,
        start: int,
        make: Callable[Arguments, Made],
        *args: Arguments.args,
        **keywords: Arguments.kwargs,
    ) -> Made:
        """Return what `make` makes of the arguments.

        Raises:
            FilterSyntaxError: it found a value that breaks a rule; names the rule, and `start`.
        """
        try:
            return make(*args, **keywords)
        except ConfigurationError as refusal:
            complaint = str(refusal)
        raise self.error(complaint, start)

    def unexpected(self, *expected: str) -> FilterSyntaxError:
        """Return the error that the next token is none of those expected."""
        found = self.current
        shown = END if found.kind == END else f"'{_visible(found.text[:20])}'"
        complaint = f"expected {_either(expected)}, found {shown}"
        if hint := self._hint(found):
            complaint += f"; {hint}"
        return self.error(complaint, found.start, expected)

    def error(
        self, complaint: str, start: int, expected: tuple[str, ...] = ()
    ) -> FilterSyntaxError:
        """Return the error that something is wrong at `start`, with the place and a caret."""
        line_start = self._text.rfind("\n", 0, start) + 1
        line, column = self._text.count("\n", 0, start) + 1, start - line_start + 1
        left = max(line_start, start - _EXCERPT)
        excerpt = self._text[left : start + _EXCERPT].split("\n")[0].rstrip()
        before = "  " + "..." * (left > line_start)
        message = (
            f"line {line}, column {column}: {complaint}\n"
            f"{before}{_visible(excerpt)}\n"
            f"{' ' * (len(before) + start - left)}^"
        )
        return FilterSyntaxError(message, line=line, column=column, expected=expected)

    def _token_from(self, position: int) -> Token:
        blanks = _BLANKS.match(self._text, position)
        start = blanks.end() if blanks else position
        if start >= self._end:
            return Token(END, "", self._end)
        if match := _TOKEN.match(self._text, start):
            return Token(_kind(match[0]), match[0], start)
        return Token(_STRAY, self._text[start], start)

    def _hint(self, found: Token) -> str:
        if self._text.startswith('\\"', found.start):
            return _JSON_QUOTE
        if found.text == '"':
            return "the text is not closed"
        return _CURLY if found.text in _OTHER_QUOTES else ""


def _kind(text: str) -> str:
    first = text[0]
    if first.isdigit():
        return INTEGER
    return _WORD if first.isalpha() else _KINDS.get(first, first)


def _shown_kind(kind: str) -> str:
    return kind if len(kind) > 1 else f"'{kind}'"


def _either(expected: tuple[str, ...]) -> str:
    *others, last = expected
    return f"{', '.join(others)} or {last}" if others else last


def _visible(text: str) -> str:
    """Return the text with what a terminal might not show, or could not be told, as one sign."""
    return "".join(
        character if character.isprintable() else " " if character.isspace() else "?"
        for character in text
    )
