"""What do the device methods do? They keep devices, the users they belong to, and their tags.

Facts: api.md 4.1 and 4.2. Where no text of the vendor is on record the refusal is in our words.
"""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from pushwoosh_async.sandbox import answers, platforms
from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.devices import Devices, Registration
from pushwoosh_async.sandbox.methods.create_sms_message import E164
from pushwoosh_async.sandbox.refusal import RefusedError


@frozen
class DeviceMethods:
    """The five methods, over the devices they change. Each raises `RefusedError` for a broken rule.

    Their requests name an application and carry no token: that is in the header.
    """

    account: Account
    devices: Devices

    def register_device(self, request: Mapping[str, Any]) -> Answer:
        """Register a device, or change what was given of one that is registered already."""
        application, hwid = self._named(request)
        given = _registration(hwid, request)
        known = self.devices.of(application, hwid)
        if known is not None:
            given = evolve(
                given,
                user=request.get("userId") or known.user,
                tags=_merged(known.tags, given.tags),
            )
        self.devices.register(application, hwid, given)
        return answers.ok(None)

    def unregister_device(self, request: Mapping[str, Any]) -> Answer:
        """Forget a device with its tags. One that is not registered is no error: a guess."""
        self.devices.unregister(*self._named(request))
        return answers.ok(None)

    def register_user(self, request: Mapping[str, Any]) -> Answer:
        """Give a registered device to a user, whose id is the device's own by default."""
        application, hwid = self._named(request)
        user = _user(request, default=hwid)
        registration = self.devices.of(application, hwid)
        if registration is None:
            raise RefusedError("Device not found")
        registration.user = user
        return answers.ok(None)

    def set_tags(self, request: Mapping[str, Any]) -> Answer:
        """Set tags on a device, or on all of a user's; null removes one."""
        found = self._addressed(request)
        tags = _tags(request)
        for registration in found:
            registration.tags = _merged(registration.tags, tags)
        return answers.ok(None)

    def get_tags(self, request: Mapping[str, Any]) -> Answer:
        """Return the tags of a device, or of all of a user's together.

        The shape is a guess: no answer of the server-side method is on record.
        """
        tags: dict[str, object] = {}
        for registration in self._addressed(request):
            tags |= registration.tags
        return answers.ok({"result": tags})

    def _named(self, request: Mapping[str, Any]) -> tuple[str, str]:
        return self.account.application(request), _hwid(request)

    def _addressed(self, request: Mapping[str, Any]) -> list[Registration]:
        """Return what a request addresses by hwid, or else by userId."""
        application = self.account.application(request)
        user = request.get("userId")
        if request.get("hwid") is None and user is not None:
            found = self.devices.of_user(application, _user(request, default=""))
            if not found:
                raise RefusedError("User not found")
            return found
        registration = self.devices.of(application, _hwid(request))
        if registration is None:
            raise RefusedError("Device not found")
        return [registration]


def _registration(hwid: str, request: Mapping[str, Any]) -> Registration:
    device_type = request.get("device_type")
    if type(device_type) is not int or device_type not in platforms.NAMES:
        raise RefusedError("Invalid device type")
    _check_push_token(request.get("push_token"))
    if device_type == platforms.SMS and not E164.fullmatch(hwid):
        raise RefusedError("Invalid hwid. The phone number must be in E.164 format.")
    return Registration(
        device_type=device_type,
        user=_user(request, default=hwid),
        tags=_merged({}, _tags(request)),
    )


def _hwid(request: Mapping[str, Any]) -> str:
    hwid = request.get("hwid")
    if not isinstance(hwid, str) or not hwid:
        raise RefusedError("No hwid given")
    return hwid


def _check_push_token(token: object) -> None:
    """Check a token that may be left out [D-dev], though once it had to be there [CC].

    It is not kept: no method tells it.
    """
    if token == "":
        raise RefusedError("No push token given")
    if token is not None and not isinstance(token, str):
        raise RefusedError("Invalid token: it must be a string")


def _user(request: Mapping[str, Any], default: str) -> str:
    user = request.get("userId")
    if user is not None and not isinstance(user, str):
        raise RefusedError("Invalid userId. It must be a string.")
    return user or default


def _tags(request: Mapping[str, Any]) -> Mapping[str, object]:
    tags = request.get("tags")
    if tags is None:
        return {}
    if not isinstance(tags, dict):
        raise RefusedError("tags must be key-value object")
    if any(isinstance(value, dict) for value in tags.values()):
        raise RefusedError("Invalid tags. A value must be a text, a number, a Boolean or a list.")
    return tags


def _merged(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**old, **new}.items() if value is not None}
