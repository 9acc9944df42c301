"""What a message says on Android, Huawei and Amazon devices alone."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

from pushwoosh_async.models.fields import Badges, Flag, LocalisedText, flag_field, wire_field
from pushwoosh_async.models.platform_rules import (
    delivery_priorities,
    icon_colour,
    led_colour,
    priority_range,
    valid_badges,
)
from pushwoosh_async.models.rules import at_least, some_language
from pushwoosh_async.models.wire_model import CheckedModel

DeliveryPriority: TypeAlias = Literal["normal", "high"]
_RootParams: TypeAlias = Mapping[str, Any]


@attrs.frozen(kw_only=True, repr=False)
class Android(CheckedModel):
    """The fields of a message for Android; each goes before the message's own. None means not set.

    Attributes:
        header: the title: text or texts by language. [ES:256]
        content: text or texts by language. [ES:259]
        root_params: JSON values at the root of the payload; ``CancelID`` is the number of a message
            to take away. [ES:262-268]
        sound: name of a sound file without its ending; empty for the system's sound. [ES:269]
        sound_off: True: no `sound`. [ES:271]
        icon: name of an icon. [ES:272]
        custom_icon: full URL of an image. [ES:273]
        banner: full URL of an image. [ES:274]
        badges: the icon's number, from 0, or ``"+n"`` or ``"-n"`` to change it. [ES:275]
        gcm_ttl: how long the message may wait for the device, in seconds, from 0. [ES:277]
        vibration: 1 or True: vibrate, where the push is of high priority. [ES:278]
        led: colour of the light, ``#rrggbb``. [ES:279]
        priority: how much it interrupts, -2 to 2. [ES:280]
        delivery_priority: ``"high"``: delivered in power saving mode too. [ES:285]
        ibc: colour behind the icon: ``#RRGGBB``, ``#AARRGGBB`` or a name such as ``red``. [ES:288]
        silent: 1 or True: a silent push; sound and content are ignored. [ES:290]
        group_id: messages with the same one are shown as a group. [ES:292]
    """

    header: LocalisedText | None = wire_field("ES:256", some_language, wire="android_header")
    content: LocalisedText | None = wire_field("ES:259", some_language, wire="android_content")
    root_params: _RootParams | None = wire_field(
        "ES:262-268", wire="android_root_params", counted="keys"
    )
    sound: str | None = wire_field("ES:269", wire="android_sound")
    sound_off: bool | None = wire_field("ES:271", wire="android_sound_off")
    icon: str | None = wire_field("ES:272", wire="android_icon")
    custom_icon: str | None = wire_field("ES:273", wire="android_custom_icon")
    banner: str | None = wire_field("ES:274", wire="android_banner")
    badges: Badges | None = wire_field("ES:275", valid_badges, wire="android_badges")
    gcm_ttl: int | None = wire_field("ES:277", at_least(0), wire="android_gcm_ttl")
    vibration: Flag | None = flag_field("ES:278", wire="android_vibration")
    led: str | None = wire_field("ES:279", led_colour, wire="android_led")
    priority: int | None = wire_field("ES:280", priority_range, wire="android_priority")
    delivery_priority: DeliveryPriority | None = wire_field(
        "ES:285", delivery_priorities, wire="android_delivery_priority"
    )
    ibc: str | None = wire_field("ES:288", icon_colour, wire="android_ibc")
    silent: Flag | None = flag_field("ES:290", wire="android_silent")
    group_id: str | None = wire_field("ES:292", wire="android_group_id")


@attrs.frozen(kw_only=True, repr=False)
class Huawei(CheckedModel):
    """The fields of a message for Huawei; each goes before the message's own. None means not set.

    Attributes:
        header: the title: text or texts by language. [ES:307]
        content: text or texts by language. [ES:310]
        badges: True in the vendor's example; a number from 0, ``"+n"`` and ``"-n"``, as elsewhere, are
            a guess. [ES:313]
        silent: 1 or True: a silent push; sound and content are ignored. [ES:314]
        icon: URL of an image. [ES:316]
        led: colour of the light, ``#rrggbb``. [ES:317]
        vibration: 1 or True: vibrate, where the push is of high priority. [ES:318]
        sound: name of a sound file, with its ending; empty for the system's sound. [ES:319]
        sound_off: True: no `sound`. [ES:321]
        custom_icon: URL of an image. [ES:323]
        gcm_ttl: how long the message may wait for the device, in seconds, from 0. [ES:324]
        banner: full URL of an image. [ES:326]
        root_params: JSON values at the root of the payload. [ES:327]
        priority: how much it interrupts, -2 to 2. [ES:330]
        ibc: colour behind the icon: ``#RRGGBB``; as on Android, ``#AARRGGBB`` or a name (a guess).
            [ES:331]
        lockscreen: 1 or True: shown on the lock screen (a guess from its name; the vendor says
            nothing of it, and nothing of 0). [ES:332]
        delivery_priority: ``"high"``: delivered in power saving mode too. [ES:333]
        group_id: messages with the same one are shown as a group. [ES:335]
    """

    header: LocalisedText | None = wire_field("ES:307", some_language, wire="huawei_android_header")
    content: LocalisedText | None = wire_field(
        "ES:310", some_language, wire="huawei_android_content"
    )
    badges: bool | Badges | None = wire_field("ES:313", valid_badges, wire="huawei_android_badges")
    silent: Flag | None = flag_field("ES:314", wire="huawei_android_silent")
    icon: str | None = wire_field("ES:316", wire="huawei_android_icon")
    led: str | None = wire_field("ES:317", led_colour, wire="huawei_android_led")
    vibration: Flag | None = flag_field("ES:318", wire="huawei_android_vibration")
    sound: str | None = wire_field("ES:319", wire="huawei_android_sound")
    sound_off: bool | None = wire_field("ES:321", wire="huawei_android_sound_off")
    custom_icon: str | None = wire_field("ES:323", wire="huawei_android_custom_icon")
    gcm_ttl: int | None = wire_field("ES:324", at_least(0), wire="huawei_android_gcm_ttl")
    banner: str | None = wire_field("ES:326", wire="huawei_android_banner")
    root_params: _RootParams | None = wire_field(
        "ES:327", wire="huawei_android_root_params", counted="keys"
    )
    priority: int | None = wire_field("ES:330", priority_range, wire="huawei_android_priority")
    ibc: str | None = wire_field("ES:331", icon_colour, wire="huawei_android_ibc")
    lockscreen: Flag | None = flag_field("ES:332", wire="huawei_android_lockscreen")
    delivery_priority: DeliveryPriority | None = wire_field(
        "ES:333", delivery_priorities, wire="huawei_android_delivery_priority"
    )
    group_id: str | None = wire_field("ES:335", wire="huawei_android_group_id")


@attrs.frozen(kw_only=True, repr=False)
class Amazon(CheckedModel):
    """The fields of a message for Amazon; each goes before the message's own. None means not set.

    Attributes:
        header: the title: text or texts by language. [ES:430]
        content: text or texts by language. [ES:433]
        root_params: JSON values at the root of the payload. [ES:436]
        sound: name of a sound file. [ES:439]
        sound_off: True: no `sound`. [ES:440]
        icon: full URL of an image. [ES:441]
        custom_icon: URL of an image. [ES:442]
        banner: URL of an image. [ES:443]
        ttl: how long the message may wait for the device, in seconds, from 0. [ES:444]
        priority: its place among the device's pushes, -2 to 2. [ES:446]
    """

    header: LocalisedText | None = wire_field("ES:430", some_language, wire="adm_header")
    content: LocalisedText | None = wire_field("ES:433", some_language, wire="adm_content")
    root_params: _RootParams | None = wire_field("ES:436", wire="adm_root_params", counted="keys")
    sound: str | None = wire_field("ES:439", wire="adm_sound")
    sound_off: bool | None = wire_field("ES:440", wire="adm_sound_off")
    icon: str | None = wire_field("ES:441", wire="adm_icon")
    custom_icon: str | None = wire_field("ES:442", wire="adm_custom_icon")
    banner: str | None = wire_field("ES:443", wire="adm_banner")
    ttl: int | None = wire_field("ES:444", at_least(0), wire="adm_ttl")
    priority: int | None = wire_field("ES:446", priority_range, wire="adm_priority")
