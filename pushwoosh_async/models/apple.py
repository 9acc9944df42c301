"""What a message says on iOS and on macOS alone."""

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from pushwoosh_async.models.fields import Badges, Flag, LocalisedText, flag_field, wire_field
from pushwoosh_async.models.json_values import encoded_size
from pushwoosh_async.models.platform_rules import valid_badges
from pushwoosh_async.models.rules import at_least, must, one_of, some_language
from pushwoosh_async.models.wire_model import CheckedModel

_MAX_IOS_DATA = 4096


def _fits(root_params: Mapping[str, Any]) -> bool:
    return encoded_size(root_params.get("data")) <= _MAX_IOS_DATA


_data_of_4_kb = must(f"hold at most {_MAX_IOS_DATA} bytes of JSON under 'data'", _fits)


@attrs.frozen(kw_only=True, repr=False)
class IOS(CheckedModel):
    """The fields of a message for iOS; each goes before the message's own. None means not set.

    Attributes:
        title: text or texts by language. [ES:202]
        subtitle: text or texts by language. [ES:205]
        content: text or texts by language. [ES:208]
        badges: the icon's number, from 0, or ``"+n"`` or ``"-n"`` to change it. [ES:211]
        sound: name of a sound file in the app; empty for the system's sound (an older page says: for
            none). [ES:213]
        sound_off: True: no `sound`. [ES:215]
        ttl: how long the message may wait for the device, in seconds, from 0. [ES:216]
        silent: 1 or True: a silent push; sound and content are ignored. [ES:217]
        category_id: id of a Pushwoosh category; an older page has a number. [ES:218]
        root_params: JSON values at the root of the payload, ``aps`` among them. Under ``data`` at
            most 4096 bytes when encoded. [ES:219-229]
        attachment: URL of media to show. [ES:230]
        thread_id: messages with the same one are shown as a group. [ES:231]
        critical: True: a critical alert, which sounds even where the device is muted. [ES:234]
        category_custom: an APNs category of your own. [ES:237]
        interruption_level: how urgent it is, and when it is shown. [ES:238]
        trim_content: 1 or True: cut what is too long and end it in an ellipsis. [ES:242]
    """

    title: LocalisedText | None = wire_field("ES:202", some_language, wire="ios_title")
    subtitle: LocalisedText | None = wire_field("ES:205", some_language, wire="ios_subtitle")
    content: LocalisedText | None = wire_field("ES:208", some_language, wire="ios_content")
    badges: Badges | None = wire_field("ES:211", valid_badges, wire="ios_badges")
    sound: str | None = wire_field("ES:213", wire="ios_sound")
    sound_off: bool | None = wire_field("ES:215", wire="ios_sound_off")
    ttl: int | None = wire_field("ES:216", at_least(0), wire="ios_ttl")
    silent: Flag | None = flag_field("ES:217", wire="ios_silent")
    category_id: str | int | None = wire_field("ES:218", wire="ios_category_id")
    root_params: Mapping[str, Any] | None = wire_field(
        "ES:219-229", _data_of_4_kb, wire="ios_root_params", counted="keys"
    )
    attachment: str | None = wire_field("ES:230", wire="ios_attachment")
    thread_id: str | None = wire_field("ES:231", wire="ios_thread_id")
    critical: bool | None = wire_field("ES:234", wire="ios_critical")
    category_custom: str | None = wire_field("ES:237", wire="ios_category_custom")
    interruption_level: Literal["passive", "active", "time-sensitive", "critical"] | None = (
        wire_field(
            "ES:238",
            one_of("passive", "active", "time-sensitive", "critical"),
            wire="ios_interruption_level",
        )
    )
    trim_content: Flag | None = flag_field("ES:242", wire="apns_trim_content")


@attrs.frozen(kw_only=True, repr=False)
class MacOS(CheckedModel):
    """The fields of a message for macOS; each goes before the message's own. None means not set.

    Attributes:
        title: text or texts by language. [ES:461]
        subtitle: text or texts by language. [ES:464]
        content: text or texts by language. [ES:467]
        badges: the icon's number, from 0; that ``"+n"`` and ``"-n"`` work as on iOS is a guess.
            [ES:470]
        sound: name of a sound file in the app. [ES:471]
        sound_off: True: no `sound`. [ES:472]
        root_params: JSON values at the root of the payload. [ES:473]
        ttl: how long the message may wait for the device, in seconds, from 0. [ES:476]
    """

    title: LocalisedText | None = wire_field("ES:461", some_language, wire="mac_title")
    subtitle: LocalisedText | None = wire_field("ES:464", some_language, wire="mac_subtitle")
    content: LocalisedText | None = wire_field("ES:467", some_language, wire="mac_content")
    badges: Badges | None = wire_field("ES:470", valid_badges, wire="mac_badges")
    sound: str | None = wire_field("ES:471", wire="mac_sound")
    sound_off: bool | None = wire_field("ES:472", wire="mac_sound_off")
    root_params: Mapping[str, Any] | None = wire_field(
        "ES:473", wire="mac_root_params", counted="keys"
    )
    ttl: int | None = wire_field("ES:476", at_least(0), wire="mac_ttl")
