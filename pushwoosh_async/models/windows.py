"""What a message says on Windows, which takes Microsoft's own XML, in base64."""

import base64
from collections.abc import Mapping
from typing import Any, Literal, overload

import attrs

from pushwoosh_async._wire.converter import check_argument
from pushwoosh_async.models.fields import Flag, LocalisedText, flag_field, required, wire_field
from pushwoosh_async.models.json_values import check_json
from pushwoosh_async.models.rules import at_least, matching, must, one_of, some_language
from pushwoosh_async.models.wire_model import CheckedModel


@overload
def wns_content(content: str) -> str: ...
@overload
def wns_content(content: Mapping[str, str]) -> dict[str, str]: ...
def wns_content(content: LocalisedText) -> str | dict[str, str]:
    """Return XML or raw text in base64, as ``Windows(content=...)`` takes it.

    Args:
        content: one text, such as ``"<badge value='available'/>"``, or texts by language; encoded
            in UTF-8.

    Raises:
        TypeError: neither a text nor a mapping of texts.
        ConfigurationError: half of a surrogate pair, which UTF-8 cannot encode.
    """
    texts = check_argument("content", LocalisedText, content)
    check_json("content", texts)
    if isinstance(texts, str):
        return base64.b64encode(texts.encode()).decode()
    return {language: base64.b64encode(text.encode()).decode() for language, text in texts.items()}


def _is_base64(content: Any) -> bool:
    return all(map(_decodes, [content] if isinstance(content, str) else content.values()))


def _decodes(text: str) -> bool:
    try:
        # MIME, which the vendor names, folds its lines.
        return bool(base64.b64decode("".join(text.split()), validate=True))
    except ValueError:
        return False


_base64 = must("be base64, and not empty: wns_content(text) makes it of a text", _is_base64)


@attrs.frozen(kw_only=True, repr=False)
class Windows(CheckedModel):
    """The fields of a message for Windows, which does not read the message's own content.

    Attributes:
        content: base64 of XML or of raw bytes, or such texts by language; `wns_content` encodes a
            text. The vendor requires it where Windows is among the platforms, and so does this class.
            [ES:490]
        type: what the content is. [ES:495]
        tag: letters and digits (ASCII: a guess), at most 16: a later tile with it replaces this one.
            [ES:496]
        cache: 1 or True: kept for a device that is offline: ``X-WNS-Cache-Policy``. [ES:498]
        ttl: how long the message may wait for the device, in seconds, from 0. [ES:499]
    """

    content: LocalisedText = attrs.field(
        **required("ES:490", some_language, _base64, wire="wns_content")
    )
    type: Literal["Tile", "Toast", "Badge", "Raw"] | None = wire_field(
        "ES:495", one_of("Tile", "Toast", "Badge", "Raw"), wire="wns_type"
    )
    tag: str | None = wire_field(
        "ES:496", matching("be 1 to 16 letters and digits", "[A-Za-z0-9]{1,16}"), wire="wns_tag"
    )
    cache: Flag | None = flag_field("ES:498", wire="wns_cache")
    ttl: int | None = wire_field("ES:499", at_least(0), wire="wns_ttl")
