"""What one message of createMessage is, besides what every message has: to whom, and how often."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import attrs

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.android import Android
from pushwoosh_async.models.apple import IOS
from pushwoosh_async.models.fields import LocalisedText, shorthand_field, wire_field
from pushwoosh_async.models.geozone import Geozone
from pushwoosh_async.models.message import Message
from pushwoosh_async.models.rules import Rule, at_least, between, not_blank, one_of, some_language
from pushwoosh_async.models.voip import VoIPCall, merged
from pushwoosh_async.targeting.conditions import Condition, check_condition, complete_condition

_STREAM = "pass a list, or hand the iterator to client.fan_out()"


def _check_conditions(name: str, conditions: Sequence[Sequence[Any]]) -> None:
    for index, condition in enumerate(conditions):
        check_condition(f"{name}[{index}]", condition)


def _plain_conditions(conditions: Sequence[Condition]) -> tuple[tuple[Any, ...], ...]:
    return tuple(map(complete_condition, conditions))


_conditions = Rule("be tag tests, or (tag, operator, operand)", _check_conditions)


@attrs.frozen(kw_only=True, repr=False)
class Notification(Message):
    """One message of createMessage: these fields, and those that every `Message` has.

    The shared fields, such as `content`, `send_date` and `ios`, are explained at `Message`, and all
    of them in ``docs/fields.md``. Marks in brackets are the sources: ``docs/sources.md``.

    Everything passed in is copied. A wrong type is a TypeError, a wrong value a ConfigurationError,
    both at construction. What must not be sent as it stands (no audience, two audiences, over 1000
    ids) can be held, and is refused when it is sent.

    ``attrs.evolve(notification, users=[...])`` makes a changed copy, checked anew. A platform given
    there, such as ``ios=IOS(...)``, replaces the whole of the old one, and with it what `voip` put
    there: give the call once more.

    Attributes:
        title: text or texts by language; a platform's own title goes first. [ES:44]
        subtitle: text or texts by language; a platform's own subtitle goes first. [ES:48]
        geozone: the circle in which the recipients are. [ES:58]
        platforms: platform numbers, see `Platform`; any int is taken. [ES:75]
        send_rate_avoid: True: not throttled. [ES:83]
        template_bindings: the Liquid template's variables, JSON values by name. [ES:86]
        capping_days: days over which `capping_count` counts, 1 to 30. Needs frequency capping in
            the control panel. The lower bound is a guess. [ES:94]
        capping_count: most pushes of one app to one device within `capping_days`; at least 1 (a
            guess: 0 would send to nobody). [ES:95]
        capping_exclude: True: not counted for later pushes. [ES:100]
        capping_avoid: True: the cap does not apply to this one. [ES:102]
        inbox_days: days in the inbox, 1 to 30, in place of `inbox_date`. The lower bound is a
            guess. [ES:113]
        users: user ids, at most 1000 when sent. [ES:123]
        devices: push tokens or hwids, at most 1000 when sent; iOS tokens in lower case. [ES:117]
        filter: name of a filter made in the control panel. [ES:129]
        conditions: tag tests such as ``IntegerTag("Age").gte(18)``, or ``(tag, operator, operand)``
            with an operator of EQ, NOTEQ, IN, NOTIN, GTE, LTE, BETWEEN, NOTSET, ANY; kept as such
            tuples. [ES:130]
        conditions_operator: ``"AND"``, the vendor's default, or ``"OR"``. [ES:134]
        voip_push: True: a call, which `voip` says better. [ES:154]
        voip: a call; turned into `voip_push` and the `root_params` of `ios` and `android` when the
            notification is made, and None from then on. [ES:147-187]
        extra: wire keys that no field is for, with JSON values. A field's wire name is refused here,
            and so are ``request``, ``notifications``, ``auth``, ``application`` and
            ``applications_group``.
    """

    _part: ClassVar[str | None] = "one item of its notifications"

    title: LocalisedText | None = wire_field("ES:44", some_language)
    subtitle: LocalisedText | None = wire_field("ES:48", some_language)
    geozone: Geozone | None = wire_field("ES:58")
    platforms: Sequence[int] | None = wire_field("ES:75")
    send_rate_avoid: bool | None = wire_field("ES:83")
    template_bindings: Mapping[str, Any] | None = wire_field("ES:86", counted="keys")
    capping_days: int | None = wire_field("ES:94", between(1, 30))
    capping_count: int | None = wire_field("ES:95", at_least(1))
    capping_exclude: bool | None = wire_field("ES:100")
    capping_avoid: bool | None = wire_field("ES:102")
    inbox_days: int | None = wire_field("ES:113", between(1, 30))
    users: Sequence[str] | None = wire_field("ES:123", counted="ids", hint=_STREAM)
    devices: Sequence[str] | None = wire_field("ES:117", counted="ids", hint=_STREAM)
    filter: str | None = wire_field("ES:129", not_blank)
    conditions: Sequence[Condition] | None = wire_field(
        "ES:130", _conditions, kept_as=_plain_conditions
    )
    conditions_operator: Literal["AND", "OR"] | None = wire_field("ES:134", one_of("AND", "OR"))
    voip_push: bool | None = wire_field("ES:154")
    voip: VoIPCall | None = shorthand_field("ES:147-187")

    def _normalise(self) -> None:
        super()._normalise()
        if self.voip is not None:
            self._take_call(self.voip)
            self._set("voip", None)

    def _take_call(self, call: VoIPCall) -> None:
        if self.voip_push is False:
            raise ConfigurationError("voip_push: must not be False beside voip")
        ios, android = self.ios or IOS(), self.android or Android()
        own = merged("ios.root_params", ios.root_params, call.ios_root_params())
        self._set("ios", attrs.evolve(ios, root_params=own))
        own = merged("android.root_params", android.root_params, call.android_root_params())
        self._set("android", attrs.evolve(android, root_params=own))
        self._set("voip_push", True)
