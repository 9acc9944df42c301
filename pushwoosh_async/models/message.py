"""What every push message has: its content, its schedule, and what each platform says its own way."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

import attrs

from pushwoosh_async.models.android import Amazon, Android, Huawei
from pushwoosh_async.models.apple import IOS, MacOS
from pushwoosh_async.models.browsers import Chrome, Firefox, Safari
from pushwoosh_async.models.dates import day_text, existing_day, minute_or_now, schedule
from pushwoosh_async.models.fields import LocalisedText, slot_field, wire_field
from pushwoosh_async.models.json_values import fits_a_push, json_if_text
from pushwoosh_async.models.rules import (
    between,
    not_blank,
    one_of,
    short_and_printable,
    some_language,
)
from pushwoosh_async.models.windows import Windows
from pushwoosh_async.models.wire_model import WireModel


@attrs.frozen(kw_only=True, repr=False)
class Message(WireModel):
    """What `Notification` and `TargetedMessage` share. Immutable; None means not set and not sent.

    A platform's own fields are one argument, such as ``ios=IOS(badges="+1")``. One without any field,
    ``IOS()``, is kept as None. createTargetedMessage takes them by an older page [D-rm].

    Attributes:
        content: text, or texts by language code such as ``{"en": "Hi", "de": "Hallo"}``. Windows
            ignores it for ``windows.content``. [ES:40, ES:778]
        send_date: ``"now"``, a text ``YYYY-MM-DD HH:MM``, or a datetime of a whole minute; kept as
            text. An aware datetime is written in UTC and sets `ignore_user_timezone`; a naive one
            needs `timezone`, or ``ignore_user_timezone=False``. [ES:39, ES:773]
        ignore_user_timezone: True: one instant for everybody. False: each device at its own local
            time, and at once where that is past. [ES:52, ES:774]
        timezone: the zone of `send_date`, a PHP timezone name; UTC if unset. What it means beside
            ``ignore_user_timezone=False`` is not documented; that it is not read then is a guess. For
            9:00 at each user's own place: a naive datetime, ``ignore_user_timezone=False``, and no
            `timezone`. [ES:53, ES:775]
        campaign: campaign code. [ES:56, ES:777]
        rich_media: rich media code. [ES:63, ES:785]
        link: URL to open. A deep link needs ``minimize_link=0``. [ES:65, ES:787]
        minimize_link: 0: leave the link as it is; 2: shorten it with bitly, the vendor's default.
            [ES:66, ES:788]
        data: passed to the app as ``u``: a mapping of JSON values, or a text that holds JSON and
            is sent as it is. Over 4096 bytes of JSON is a `UserWarning`: the API takes more, Apple and
            Google do not. [ES:69, ES:792]
        transaction_id: 1 to 255 printable characters (a guess); the server drops a second message
            with the same id within 5 minutes. [ES:72, ES:782]
        preset: preset code; what is set here goes before it. [ES:79, ES:795]
        send_rate: pushes a second, 100 to 1000. [ES:82, ES:796]
        dynamic_content_placeholders: texts by placeholder, used in place of device tags.
            [ES:89, ES:797]
        inbox_date: text ``YYYY-MM-DD`` or a date; removed from the inbox at 00:00:01 UTC of that
            day. The day after sending if unset. [ES:106, ES:804]
        inbox_image: URL of the image beside the message in the inbox. A message goes to the inbox
            only with this or `inbox_date`. [ES:112, ES:803]
        ios: what iOS says its own way. [ES:202-242, D-rm]
        android: what Android says its own way. [ES:256-292, D-rm]
        huawei: what Huawei says its own way. [ES:307-335, D-rm]
        safari: what Safari says its own way; required where it is targeted. [ES:349-360, D-rm]
        chrome: what Chrome says its own way. [ES:375-392, D-rm]
        firefox: what Firefox says its own way. [ES:406-414, D-rm]
        amazon: what Amazon says its own way. [ES:430-446, D-rm]
        macos: what macOS says its own way. [ES:461-476, D-rm]
        windows: what Windows says; required where it is targeted. [ES:490-499, D-rm]
    """

    content: LocalisedText | None = wire_field("ES:40, ES:778", some_language)
    send_date: str | datetime | None = wire_field("ES:39, ES:773", minute_or_now)
    ignore_user_timezone: bool | None = wire_field("ES:52, ES:774")
    timezone: str | None = wire_field("ES:53, ES:775", not_blank)
    campaign: str | None = wire_field("ES:56, ES:777", not_blank)
    rich_media: str | None = wire_field("ES:63, ES:785", not_blank)
    link: str | None = wire_field("ES:65, ES:787")
    minimize_link: Literal[0, 2] | None = wire_field("ES:66, ES:788", one_of(0, 2))
    data: Mapping[str, Any] | str | None = wire_field(
        "ES:69, ES:792", json_if_text, fits_a_push, counted="keys"
    )
    transaction_id: str | None = wire_field(
        "ES:72, ES:782", not_blank, short_and_printable, wire="transactionId"
    )
    preset: str | None = wire_field("ES:79, ES:795", not_blank)
    send_rate: int | None = wire_field("ES:82, ES:796", between(100, 1000))
    dynamic_content_placeholders: Mapping[str, str] | None = wire_field(
        "ES:89, ES:797", counted="keys"
    )
    inbox_date: str | date | None = wire_field("ES:106, ES:804", existing_day, kept_as=day_text)
    inbox_image: str | None = wire_field("ES:112, ES:803")
    ios: IOS | None = slot_field("ES:202-242, D-rm")
    android: Android | None = slot_field("ES:256-292, D-rm")
    huawei: Huawei | None = slot_field("ES:307-335, D-rm")
    safari: Safari | None = slot_field("ES:349-360, D-rm")
    chrome: Chrome | None = slot_field("ES:375-392, D-rm")
    firefox: Firefox | None = slot_field("ES:406-414, D-rm")
    amazon: Amazon | None = slot_field("ES:430-446, D-rm")
    macos: MacOS | None = slot_field("ES:461-476, D-rm")
    windows: Windows | None = slot_field("ES:490-499, D-rm")

    def _normalise(self) -> None:
        if isinstance(self.send_date, datetime):
            text, ignore = schedule(
                self.send_date,
                timezone=self.timezone,
                ignore_user_timezone=self.ignore_user_timezone,
            )
            self._set("send_date", text)
            self._set("ignore_user_timezone", ignore)
