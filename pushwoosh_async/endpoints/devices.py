"""The Device API, as far as the Messages and SMS pages refer to it; opened by a token of its own."""

from collections.abc import Mapping
from typing import Any

from pushwoosh_async._transport.session import Call
from pushwoosh_async._wire.decode import decode_nothing, decode_tags
from pushwoosh_async._wire.encode import request
from pushwoosh_async._wire.methods import (
    GET_TAGS,
    REGISTER_DEVICE,
    REGISTER_USER,
    SET_TAGS,
    UNREGISTER_DEVICE,
    Method,
)
from pushwoosh_async.endpoints.base import Endpoint, require, require_text
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.device import Device


class Devices(Endpoint):
    """Registers devices and users, and reads and writes their tags.

    Every call needs the client's `device_api_token`, which goes into the ``Authorization`` header
    [D-dev, H-401]. Each sets or reads a state, so that it is repeated freely after a failure.
    """

    async def register_device(self, device: Device) -> None:
        """Make a device known to the application, or change what is known of it.

        Args:
            device: an SMS number is one, too: see `Device`.

        Raises:
            TypeError: not a Device.
            ConfigurationError: a value that breaks a rule, no application, or no device token.
            TransportError: no answer.
            APIError: an answer that is not success.

        Vendor: registerDevice [D-dev].
        """
        if not isinstance(device, Device):
            raise TypeError(f"device: expected a Device, got {type(device).__name__}")
        device.validate()
        await self._do(REGISTER_DEVICE, device.to_wire())

    async def unregister_device(self, hwid: str) -> None:
        """Make a device unknown: it gets no more messages.

        Args:
            hwid: the device's hardware id.

        Raises:
            TypeError: not a str.
            ConfigurationError: it is blank, no application, or no device token.
            TransportError: no answer.
            APIError: an answer that is not success.

        Vendor: unregisterDevice [MK].
        """
        await self._do(UNREGISTER_DEVICE, {"hwid": require_text("hwid", hwid)})

    async def register_user(
        self,
        user_id: str,
        *,
        hwid: str,
        tz_offset: int | None = None,
        device_type: int | None = None,
    ) -> None:
        """Give a device's user an id: what `Notification.users` takes.

        Args:
            user_id: the id.
            hwid: the device's hardware id.
            tz_offset: the user's offset from UTC in seconds.
            device_type: a platform number, see `Platform`.

        Raises:
            TypeError: a wrong type.
            ConfigurationError: a blank text, no application, or no device token.
            TransportError: no answer.
            APIError: an answer that is not success.

        Vendor: registerUser [D-dev, H-401].
        """
        optional = {"tz_offset": tz_offset, "device_type": device_type}
        asked: dict[str, Any] = {
            "userId": require_text("user_id", user_id),
            "hwid": require_text("hwid", hwid),
        }
        for name, value in optional.items():
            if value is not None:
                asked[name] = require(name, int, value)
        await self._do(REGISTER_USER, asked)

    async def set_tags(
        self, tags: Mapping[str, Any], *, hwid: str | None = None, user_id: str | None = None
    ) -> None:
        """Set tags of a device, or of a user on all devices.

        Args:
            tags: JSON values by tag name; at least one. What null does the vendor does not say here.
            hwid: the device.
            user_id: the user, instead of `hwid`.

        Raises:
            TypeError: a wrong type, or not exactly one of `hwid` and `user_id`.
            ConfigurationError: no tags, a blank text, no application, or no device token.
            TransportError: no answer.
            APIError: an answer that is not success.

        Vendor: setTags [MK].
        """
        whom = _whom("set_tags", hwid, user_id)
        copied = require("tags", Mapping[str, Any], tags)
        if not copied:
            raise ConfigurationError("tags: must hold at least one")
        await self._do(SET_TAGS, {**whom, "tags": copied})

    async def get_tags(
        self, *, hwid: str | None = None, user_id: str | None = None
    ) -> dict[str, Any]:
        """Return the tags of a device, or of a user: JSON values by tag name.

        Args:
            hwid: the device.
            user_id: the user, instead of `hwid`.

        Raises:
            TypeError: a wrong type, or not exactly one of `hwid` and `user_id`.
            ConfigurationError: a blank text, no application, or no device token.
            TransportError: no answer.
            APIError: an answer that is not success.

        Vendor: getTags [MK]; the answer's shape is a guess.
        """
        asked = self._with_application(_whom("get_tags", hwid, user_id))
        return await self._call(Call(GET_TAGS, request(GET_TAGS, asked), (), decode_tags))

    async def _do(self, method: Method, asked: Mapping[str, Any]) -> None:
        body = request(method, self._with_application(asked))
        await self._call(Call(method, body, (), decode_nothing))

    def _with_application(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"application": self._require_application().code, **asked}


def _whom(call: str, hwid: str | None, user_id: str | None) -> dict[str, str]:
    if (hwid is None) == (user_id is None):
        raise TypeError(f"{call}: give hwid= or user_id=, one of them and not None")
    if hwid is not None:
        return {"hwid": require_text("hwid", hwid)}
    return {"userId": require_text("user_id", user_id)}
