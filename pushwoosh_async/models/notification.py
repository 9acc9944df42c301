"""What one message is: its content, when it goes out, to whom, and how often."""

# ruff: noqa: RUF009 -- wire_field() is attrs.field() with our metadata, which ruff cannot see

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

import attrs

from pushwoosh_async.models.dates import check_day, check_send_date, day_text, schedule
from pushwoosh_async.models.fields import (
    at_least_one,
    between,
    not_blank,
    one_of,
    short_and_printable,
    some_language,
    wire_field,
)
from pushwoosh_async.models.geozone import Geozone
from pushwoosh_async.models.json_values import check_json_text
from pushwoosh_async.models.wire_model import WireModel
from pushwoosh_async.targeting.conditions import Condition, check_condition, complete_condition

LocalisedText: TypeAlias = str | Mapping[str, str]

_STREAM = "pass a list, or hand the iterator to client.fan_out()"


def _check_conditions(name: str, conditions: Sequence[Sequence[Any]]) -> None:
    for index, condition in enumerate(conditions):
        check_condition(f"{name}[{index}]", condition)


@attrs.frozen(kw_only=True, repr=False)
class Notification(WireModel):
    """One message of createMessage. Immutable; None means not set, and unset is not sent.

    Everything passed in is copied. A wrong type is a TypeError, a wrong value a ConfigurationError,
    both at construction. What must not be sent as it stands (no audience, two audiences, over 1000
    ids) can be held, and is refused when it is sent. Marks in brackets: ``api.md`` section 0.

    Attributes:
        content: text, or texts by language code such as ``{"en": "Hi", "de": "Hallo"}``. Windows
            ignores it for ``wns_content``. [ES:40]
        title: text or texts by language; a platform's own title goes first. [ES:44]
        subtitle: text or texts by language; a platform's own subtitle goes first. [ES:48]
        send_date: ``"now"``, a text ``YYYY-MM-DD HH:MM``, or a datetime of a whole minute; kept as
            text. An aware datetime is written in UTC and sets `ignore_user_timezone`; a naive one
            needs `timezone`, or ``ignore_user_timezone=False``. [ES:39]
        ignore_user_timezone: True: one instant for everybody. False: each device at its own local
            time, and at once where that is past. [ES:52]
        timezone: the zone of `send_date`, a PHP timezone name; UTC if unset. [ES:53]
        campaign: campaign code. [ES:56]
        geozone: the circle in which the recipients are. [ES:58]
        rich_media: rich media code. [ES:63]
        link: URL to open. A deep link needs ``minimize_link=0``. [ES:65]
        minimize_link: 0: leave the link as it is; 2: shorten it with bitly, the vendor's default.
            [ES:66]
        data: passed to the app as ``u``: a mapping of JSON values, or a text that holds JSON and
            is sent as it is. [ES:69]
        transaction_id: 1 to 255 printable characters (a guess); the server drops a second message
            with the same id within 5 minutes. [ES:72]
        platforms: platform numbers, see `Platform`; any int is taken. [ES:75]
        preset: preset code; what is set here goes before it. [ES:79]
        send_rate: pushes a second, 100 to 1000. [ES:82]
        send_rate_avoid: True: not throttled. [ES:83]
        template_bindings: the Liquid template's variables, JSON values by name. [ES:86]
        dynamic_content_placeholders: texts by placeholder, used in place of device tags. [ES:89]
        capping_days: days over which `capping_count` counts, 1 to 30. Needs frequency capping in
            the control panel. The lower bound is a guess. [ES:94]
        capping_count: most pushes of one app to one device within `capping_days`; at least 1 (a
            guess: 0 would send to nobody). [ES:95]
        capping_exclude: True: not counted for later pushes. [ES:100]
        capping_avoid: True: the cap does not apply to this one. [ES:102]
        inbox_date: text ``YYYY-MM-DD`` or a date; removed from the inbox at 00:00:01 UTC of that
            day. The day after sending if unset. [ES:106]
        inbox_image: URL of the image beside the message in the inbox. A message goes to the inbox
            only with this or `inbox_date`. [ES:112]
        inbox_days: days in the inbox, 1 to 30, in place of `inbox_date`. The lower bound is a
            guess. [ES:113]
        users: user ids, at most 1000 when sent. [ES:123]
        devices: push tokens or hwids, at most 1000 when sent; iOS tokens in lower case. [ES:117]
        filter: name of a filter made in the control panel. [ES:129]
        conditions: ``(tag, operator, operand)``; operators EQ, NOTEQ, IN, NOTIN, GTE, LTE, BETWEEN,
            NOTSET, ANY. [ES:130]
        conditions_operator: ``"AND"``, the vendor's default, or ``"OR"``. [ES:134]
        extra: wire keys this class does not know, such as a platform's own fields, with JSON
            values. A field's wire name is refused here, and so are ``auth``, ``application``,
            ``applications_group`` and ``notifications``.
    """

    content: LocalisedText | None = wire_field("ES:40", some_language)
    title: LocalisedText | None = wire_field("ES:44", some_language)
    subtitle: LocalisedText | None = wire_field("ES:48", some_language)
    send_date: str | datetime | None = wire_field("ES:39", check_send_date)
    ignore_user_timezone: bool | None = wire_field("ES:52")
    timezone: str | None = wire_field("ES:53", not_blank)
    campaign: str | None = wire_field("ES:56", not_blank)
    geozone: Geozone | None = wire_field("ES:58")
    rich_media: str | None = wire_field("ES:63", not_blank)
    link: str | None = wire_field("ES:65")
    minimize_link: Literal[0, 2] | None = wire_field("ES:66", one_of(0, 2))
    data: Mapping[str, Any] | str | None = wire_field("ES:69", check_json_text, counted="keys")
    transaction_id: str | None = wire_field("ES:72", short_and_printable, wire="transactionId")
    platforms: Sequence[int] | None = wire_field("ES:75")
    preset: str | None = wire_field("ES:79", not_blank)
    send_rate: int | None = wire_field("ES:82", between(100, 1000))
    send_rate_avoid: bool | None = wire_field("ES:83")
    template_bindings: Mapping[str, Any] | None = wire_field("ES:86", counted="keys")
    dynamic_content_placeholders: Mapping[str, str] | None = wire_field("ES:89", counted="keys")
    capping_days: int | None = wire_field("ES:94", between(1, 30))
    capping_count: int | None = wire_field("ES:95", at_least_one)
    capping_exclude: bool | None = wire_field("ES:100")
    capping_avoid: bool | None = wire_field("ES:102")
    inbox_date: str | date | None = wire_field("ES:106", check_day)
    inbox_image: str | None = wire_field("ES:112")
    inbox_days: int | None = wire_field("ES:113", between(1, 30))
    users: Sequence[str] | None = wire_field("ES:123", counted="ids", hint=_STREAM)
    devices: Sequence[str] | None = wire_field("ES:117", counted="ids", hint=_STREAM)
    filter: str | None = wire_field("ES:129", not_blank)
    conditions: Sequence[Condition] | None = wire_field("ES:130", _check_conditions)
    conditions_operator: Literal["AND", "OR"] | None = wire_field("ES:134", one_of("AND", "OR"))

    def _normalise(self) -> None:
        if isinstance(self.send_date, datetime):
            text, ignore = schedule(
                self.send_date,
                timezone=self.timezone,
                ignore_user_timezone=self.ignore_user_timezone,
            )
            self._set("send_date", text)
            self._set("ignore_user_timezone", ignore)
        if isinstance(self.inbox_date, date):
            self._set("inbox_date", day_text(self.inbox_date))
        if self.conditions is not None:
            self._set("conditions", tuple(map(complete_condition, self.conditions)))
