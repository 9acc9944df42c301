"""What a message says in Safari, Chrome and Firefox alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from pushwoosh_async.models.fields import LocalisedText, required, wire_field
from pushwoosh_async.models.rules import at_least, between, some_language
from pushwoosh_async.models.wire_model import CheckedModel


@attrs.frozen(kw_only=True, repr=False)
class Safari(CheckedModel):
    """The fields of a message for Safari; each goes before the message's own. None means not set.

    Attributes:
        url_args: what fills the placeholders of the site's URL, in order. The vendor requires it where
            Safari is among the platforms, and so does this class; it may be empty. [ES:349]
        title: text or texts by language. [ES:353]
        content: text or texts by language. [ES:356]
        action: text of the button. [ES:359]
        ttl: how long the message may wait for the browser, in seconds, from 0. [ES:360]
    """

    url_args: Sequence[str] = attrs.field(**required("ES:349", wire="safari_url_args"))
    title: LocalisedText | None = wire_field("ES:353", some_language, wire="safari_title")
    content: LocalisedText | None = wire_field("ES:356", some_language, wire="safari_content")
    action: str | None = wire_field("ES:359", wire="safari_action")
    ttl: int | None = wire_field("ES:360", at_least(0), wire="safari_ttl")


@attrs.frozen(kw_only=True, repr=False)
class Chrome(CheckedModel):
    """The fields of a message for Chrome; each goes before the message's own. None means not set.

    Attributes:
        title: text or texts by language. [ES:375]
        content: text or texts by language. [ES:378]
        icon: full URL of the icon, or its path in the extension. [ES:381]
        gcm_ttl: how long the message may wait for the browser, in seconds, from 0. [ES:382]
        duration: for how long it is shown, in seconds, at most 50; 0: until the user acts. [ES:383]
        image: URL of a large image. [ES:385]
        root_params: JSON values for Chrome alone. [ES:386]
        button_text1: text of the first button. [ES:389]
        button_url1: what the first button opens. The API ignores it without `button_text1`, so that it
            is refused. [ES:390]
        button_text2: text of the second button. [ES:391]
        button_url2: what the second button opens; not without `button_text2`. [ES:392]
    """

    title: LocalisedText | None = wire_field("ES:375", some_language, wire="chrome_title")
    content: LocalisedText | None = wire_field("ES:378", some_language, wire="chrome_content")
    icon: str | None = wire_field("ES:381", wire="chrome_icon")
    gcm_ttl: int | None = wire_field("ES:382", at_least(0), wire="chrome_gcm_ttl")
    duration: int | None = wire_field("ES:383", between(0, 50), wire="chrome_duration")
    image: str | None = wire_field("ES:385", wire="chrome_image")
    root_params: Mapping[str, Any] | None = wire_field(
        "ES:386", wire="chrome_root_params", counted="keys"
    )
    button_text1: str | None = wire_field("ES:389", wire="chrome_button_text1")
    button_url1: str | None = wire_field("ES:390", wire="chrome_button_url1", needs="button_text1")
    button_text2: str | None = wire_field("ES:391", wire="chrome_button_text2")
    button_url2: str | None = wire_field("ES:392", wire="chrome_button_url2", needs="button_text2")


@attrs.frozen(kw_only=True, repr=False)
class Firefox(CheckedModel):
    """The fields of a message for Firefox; each goes before the message's own. None means not set.

    Attributes:
        title: text or texts by language. [ES:406]
        content: text or texts by language. [ES:409]
        icon: full URL of the icon, or its path in the extension. [ES:412]
        root_params: JSON values for Firefox alone. [ES:414]
    """

    title: LocalisedText | None = wire_field("ES:406", some_language, wire="firefox_title")
    content: LocalisedText | None = wire_field("ES:409", some_language, wire="firefox_content")
    icon: str | None = wire_field("ES:412", wire="firefox_icon")
    root_params: Mapping[str, Any] | None = wire_field(
        "ES:414", wire="firefox_root_params", counted="keys"
    )
