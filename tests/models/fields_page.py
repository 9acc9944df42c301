"""Which fields are there? Writes docs/fields.md from the models: `python tests/models/fields_page.py`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from pushwoosh_async import models
from pushwoosh_async._wire.converter import Field, flat_class, wire_name

PAGE = Path(__file__).parents[2] / "docs" / "fields.md"

SECTIONS: dict[type, str] = {
    models.Message: "What `Notification` and `TargetedMessage` share.",
    models.Notification: (
        "One message of createMessage: these fields, and those of [Message](#message). When sent: at most "
        "1000 `users` or `devices`."
    ),
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
    models.TargetedMessage: (
        "One message of createTargetedMessage: these fields, and those of [Message](#message)."
    ),
    models.SMS: "One message of createSMSMessage.",
    models.Device: (
        "What registerDevice is told. `hwid` or `email` must be given. For `Platform.SMS` the `hwid` is a "
        "number in E.164, for `Platform.WHATSAPP` one behind `whatsapp:`."
    ),
}

_HEAD = """# Every field

Made from the models and their docstrings by `python tests/models/fields_page.py`; a test compares.

A field that is not set is not sent. A platform's fields lie beside the message's own on the wire.
"Must" says what is refused with `ConfigurationError`; a wrong type is a `TypeError`.

What the marks under "source" stand for is in [sources.md](sources.md). "A guess" is what nobody has
documented.
"""

_FIELD = r"^        (\w+): (.*(?:\n {12}.*)*)"
_MARKS = r"\[((?:(?:ES|DE):[\d-]+|D-\w+)(?:, [\w:-]+)*)\]"


def page() -> str:
    """Return the text of docs/fields.md."""
    return _HEAD + "".join("".join(_section(cls, words)) for cls, words in SECTIONS.items())


def _section(cls: type, words: str) -> Iterator[str]:
    yield f"\n## {cls.__name__}\n\n{words}\n\n"
    yield "| Python | wire | type | what | must | source |\n| --- | --- | --- | --- | --- | --- |\n"
    told = documented(cls)
    shared = (
        {field.name for field in attrs.fields(models.Message)}
        if cls.__base__ is models.Message
        else ()
    )
    for field in attrs.fields(cls):
        if field.name == "extra" or field.name in shared:
            continue
        what, source = told[field.name]
        cells = (
            f"`{field.name}`",
            _wire(field),
            type_words(field.type),
            what,
            _must(field),
            source,
        )
        yield f"| {' | '.join(cells)} |\n"


def documented(cls: type) -> dict[str, tuple[str, str]]:
    """Return what the docstrings of a class and its bases say of each field, and its source."""
    told = {}
    for base in reversed(cls.__mro__):
        for name, paragraph in re.findall(_FIELD, base.__doc__ or "", re.M):
            text = " ".join(paragraph.split())
            sources = re.findall(_MARKS, text)
            what = re.sub(f" ?{_MARKS}", "", text).replace("``", "`")
            told[name] = (what, sources[-1] if sources else "")
    return told


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
