"""Which words is a ``devices_filter`` made of, and where is it no filter at all? Pure."""

import re
from collections.abc import Iterator
from typing import Literal, get_args

from attrs import frozen

Kind = Literal["string", "integer", "word", "sign", "end"]

# No escape is documented inside a string, so a quote always ends it [api.md 2.3].
_TOKEN = re.compile(
    r"""(?P<string>"[^"]*")|(?P<integer>-?[0-9]{1,18}(?![0-9]))|(?P<word>[A-Za-z]+)"""
    r"""|(?P<sign>[()\[\],+*\\])""",
)
_SPACE = re.compile(r"[ \t\r\n]*")


class FilterSyntaxError(Exception):
    """A text is no filter; the message says what was expected where, in words of ours."""


@frozen
class Token:
    """A word of the text; of a string, what stands between its quotes."""

    kind: Kind
    text: str
    position: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a filter, and an empty one of kind ``end`` after the last.

    Raises:
        FilterSyntaxError: at a character that begins no word.
    """
    position = _after_space(text, 0)
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise FilterSyntaxError(f"Unexpected character at position {position}.")
        yield _token(found)
        position = _after_space(text, found.end())
    yield Token("end", "", position)


def _after_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _token(found: "re.Match[str]") -> Token:
    kind = next(each for each in get_args(Kind) if found[each] is not None)
    text = found[0]
    return Token(kind, text[1:-1] if kind == "string" else text, found.start())
