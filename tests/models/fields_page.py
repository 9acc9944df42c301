"""Which fields are there? Writes docs/fields.md from the models: `python tests/models/fields_page.py`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from pushwoosh_async import models
from pushwoosh_async._wire.converter import Field, flat_class, wire_name

PAGE = Path(__file__).parents[2] / "docs" / "fields.md"

SECTIONS: dict[type, str] = {
    models.Notification: "One message of createMessage. When sent: at most 1000 `users` or `devices`.",
    models.IOS: "`Notification.ios`, `TargetedMessage.ios`.",
    models.Android: "`Notification.android`, `TargetedMessage.android`.",
    models.Huawei: "`Notification.huawei`, `TargetedMessage.huawei`.",
    models.Safari: "`Notification.safari`, `TargetedMessage.safari`.",
    models.Chrome: "`Notification.chrome`, `TargetedMessage.chrome`.",
    models.Firefox: "`Notification.firefox`, `TargetedMessage.firefox`.",
    models.Amazon: "`Notification.amazon`, `TargetedMessage.amazon`.",
    models.MacOS: "`Notification.macos`, `TargetedMessage.macos`.",
    models.Windows: "`Notification.windows`, `TargetedMessage.windows`.",
    models.VoIPCall: "`Notification.voip`; it lies in `ios_root_params` and `android_root_params`.",
    models.Geozone: "`Notification.geozone`.",
    models.TargetedMessage: "One message of createTargetedMessage.",
    models.SMS: "One message of createSMSMessage.",
    models.Device: (
        "What registerDevice is told. `hwid` or `email` must be given. For `Platform.SMS` the `hwid` is a "
        "number in E.164, for `Platform.WHATSAPP` one behind `whatsapp:`."
    ),
}

_HEAD = """# Every field

Made from the models by `python tests/models/fields_page.py`; a test compares. What a field means is in
its class's docstring.

A field that is not set is not sent. A platform's fields lie beside the message's own on the wire.
"Must" says what is refused with `ConfigurationError`; a wrong type is a `TypeError`.

Sources: ES:n and DE:n are lines of the copies of the vendor's Messages API page (in Spanish) and SMS API
page (in German) that this library was written from; D-dev is the vendor's Device API page, D-rm its older
reference at pushwoosh.readme.io.
"""


def page() -> str:
    """Return the text of docs/fields.md."""
    return _HEAD + "".join("".join(_section(cls, words)) for cls, words in SECTIONS.items())


def _section(cls: type, words: str) -> Iterator[str]:
    yield f"\n## {cls.__name__}\n\n{words}\n\n"
    yield "| Python | wire | type | must | source |\n| --- | --- | --- | --- | --- |\n"
    for field in attrs.fields(cls):
        if field.name != "extra":
            cells = (f"`{field.name}`", _wire(field), type_words(field.type), _must(field))
            yield f"| {' | '.join(cells)} | {field.metadata['source']} |\n"


def _wire(field: Field) -> str:
    if field.metadata.get("flat"):
        return f"[its own](#{flat_class(field).__name__.lower()})"
    if field.metadata.get("shorthand"):
        return "[its own](#voipcall)"
    return f"`{wire_name(field)}`" + (", a list of one" if field.metadata["single"] else "")


def _must(field: Field) -> str:
    words = [rule.words for rule in field.metadata["rules"]]
    if needed := field.metadata.get("needs"):
        words.append(f"not be given without `{needed}`")
    if field.default is attrs.NOTHING:
        words.insert(0, "be given")
    return "; ".join(words)


def type_words(annotation: Any) -> str:
    """Return what an annotation takes, in words, without None."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        members = [type_words(member) for member in inner if member is not NoneType]
        return " or ".join(dict.fromkeys(members))
    if origin is Literal:
        return type(inner[0]).__name__
    if origin is Mapping:
        return "dict" if inner[1] is Any else f"dict of {type_words(inner[1])}"
    if origin is Sequence:
        return f"list of {type_words(inner[0])}"
    return "tuple" if origin is tuple else str(annotation.__name__)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
