"""Which placeholders has a message, and which of them do the rows of a file fill? Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pushwoosh_async import Notification
from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.run_options import PLACEHOLDER

# {Name}, {Name|modifier|default} [D-dyn], and a Liquid template's {{ name | filter }}. Nothing is tried
# twice (*+): a lazy name took a minute for 64 kB of blanks behind a brace.
_PLACE = re.compile(r"\{\{?-?\s*+(\w[\w .-]*+)(\s*+)(\||-?\})")
# In a Liquid template a name may stand in a tag alone: {% if name %}.
_TAG = r"\{{%[^%}}]*(?<![\w.-]){}(?![\w-])"

# What brings texts that are not in the message, under their keys on the wire.
_ELSEWHERE = {"preset", "rich_media"}
_TEXTS = ("content", "title")
_FILLED = ("dynamic_content_placeholders", "template_bindings")


@dataclass
class Filling:
    """What was seen of the texts of rows.

    Attributes:
        placeholders: how many a row can fill.
        first: the texts of the first row.
        left_out: the rows that leave a placeholder out, as its cell is empty.
    """

    placeholders: int
    first: Mapping[str, str] | None = field(default=None, repr=False)
    left_out: int = 0

    def see(self, page: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        """Take in rows."""
        for _, texts in page:
            if self.first is None:
                self.first = texts
            self.left_out += len(texts) < self.placeholders


def check_places(template: Notification, names: Iterable[str]) -> None:
    """Refuse a placeholder that no text of the message has: misspelt, all would see it unfilled.

    Raises:
        BadInputError: there is one. Not asked where texts come from a preset or a rich media page.
    """
    wire = template.to_wire()
    if _ELSEWHERE & wire.keys() or not _has_texts(wire):
        return
    texts = list(_texts_in(wire))
    found = set(_places_in(texts))
    for name in names:
        tag = re.compile(_TAG.format(re.escape(name)))
        if name not in found and not any(map(tag.search, texts)):
            raise BadInputError(f"{PLACEHOLDER} {name}: the message has no {{{name}}}")


def unfilled(template: Notification, names: Iterable[str]) -> list[str]:
    """Return the placeholders in a message that neither the rows fill nor the message: the user's tags.

    Args:
        template: the message.
        names: of what the rows fill.
    """
    wire = template.to_wire()
    filled = {*names, *(name for key in _FILLED for name in wire.get(key, ()))}
    return [name for name in dict.fromkeys(_places_in(_texts_in(wire))) if name not in filled]


def _has_texts(wire: Mapping[str, Any]) -> bool:
    return any(key.endswith(_TEXTS) for key in wire)


def _places_in(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for name, gap, end in _PLACE.findall(text):
            of_brace = end == "}" and not gap  # a Liquid template's -}} trims what follows
            yield (name.removesuffix("-") if of_brace else name).rstrip(" ")


def _texts_in(value: Any) -> Iterator[str]:
    """Return the texts in JSON, at any depth, but not the defaults of placeholders: these are no places."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key not in _FILLED:
                yield from _texts_in(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts_in(each)
