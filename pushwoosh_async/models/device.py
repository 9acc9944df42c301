"""What the API is told of a device when it is registered: its ids, its tokens, its tags."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.fields import required, wire_field
from pushwoosh_async.models.platforms import Platform
from pushwoosh_async.models.rules import E164, matching, not_blank
from pushwoosh_async.models.wire_model import WireModel

_HWIDS = {
    Platform.SMS: (re.compile(E164), "a number in E.164, such as '+1234567890'"),
    Platform.WHATSAPP: (re.compile(f"whatsapp:{E164}"), "'whatsapp:' and a number in E.164"),
}


@attrs.frozen(kw_only=True, repr=False)
class Device(WireModel):
    """A device as registerDevice takes it. Immutable; None means not set and not sent.

    A wrong type is a TypeError, a wrong value a ConfigurationError, both at construction. The repr
    shows no id, no token and no tag. All of it is from [D-dev]: see ``docs/sources.md``.

    Attributes:
        hwid: the device's own id. For `Platform.SMS` a phone number in E.164, for
            `Platform.WHATSAPP` that behind ``whatsapp:``. Only an `email` does without. [D-dev]
        device_type: a platform number, see `Platform`; any int is taken. [D-dev]
        push_token: the token that the platform's push service gave. [D-dev]
        language: two lower-case letters, ISO 639-1. [D-dev]
        timezone: seconds east of UTC. [D-dev]
        user_id: whom the device belongs to: what `Notification.users` takes. [D-dev]
        email: an address to register, in place of `hwid` and `push_token`. [D-dev]
        tags: JSON values by tag name. [D-dev]
        idfa: Apple's advertising id. [D-dev]
        app_version: version of the app. [D-dev]
        device_model: model of the device. [D-dev]
        os_version: version of its operating system. [D-dev]
        public_key: the browser's encryption key, for Chrome and Firefox. [D-dev]
        auth_token: the browser's encryption secret, for Chrome and Firefox. [D-dev]
        fcm_token: the FCM key of Chrome. [D-dev]
        fcm_push_set: the FCM push set of Chrome. [D-dev]
        extra: wire keys that no field is for, with JSON values. A field's wire name is refused here,
            and so are ``request``, ``notifications``, ``auth``, ``application`` and
            ``applications_group``.
    """

    _part: ClassVar[str | None] = "what lies in it, without application"

    hwid: str | None = wire_field("D-dev", not_blank, counted="characters")
    device_type: int = attrs.field(**required("D-dev"))
    push_token: str | None = wire_field("D-dev", not_blank, counted="characters")
    language: str | None = wire_field("D-dev", matching("be two lower-case letters", "[a-z]{2}"))
    timezone: int | None = wire_field("D-dev")
    user_id: str | None = wire_field("D-dev", not_blank, wire="userId", counted="characters")
    email: str | None = wire_field(
        "D-dev", matching("be an e-mail address", r"[^@\s]+@[^@\s]+"), counted="characters"
    )
    tags: Mapping[str, Any] | None = wire_field("D-dev", counted="tags")
    idfa: str | None = wire_field("D-dev", counted="characters")
    app_version: str | None = wire_field("D-dev")
    device_model: str | None = wire_field("D-dev")
    os_version: str | None = wire_field("D-dev")
    public_key: str | None = wire_field("D-dev", counted="characters")
    auth_token: str | None = wire_field("D-dev", counted="characters")
    fcm_token: str | None = wire_field("D-dev", counted="characters")
    fcm_push_set: str | None = wire_field("D-dev", counted="characters")

    def validate(self) -> None:
        """Judge every value, as construction did: for a device that came `from_wire`.

        Raises:
            ConfigurationError: a value breaks a rule; names the argument and the rule.
        """
        super().validate()
        if self.hwid is None and self.email is None:
            raise ConfigurationError("hwid: is required, unless email is given")
        if self.hwid is not None and self.device_type in _HWIDS:
            pattern, words = _HWIDS[Platform(self.device_type)]
            if not pattern.fullmatch(self.hwid):
                raise ConfigurationError(f"hwid: must be {words}, for this device_type")
