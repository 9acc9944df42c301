"""What an incoming call is, and how it is told to iOS and to Android, which want it differently."""

import re
from collections.abc import Mapping
from typing import Any

import attrs

from pushwoosh_async._wire.converter import written_fields
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.fields import wire_field
from pushwoosh_async.models.rules import must
from pushwoosh_async.models.wire_model import CheckedModel

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_FOR_IOS_ONLY = ("supportsHolding", "supportsDTMF")


def _is_decimal(call_id: int | str) -> bool:
    return bool(_NUMBER.fullmatch(call_id)) if isinstance(call_id, str) else call_id >= 0


_decimal = must("be a decimal number from 0, since Android takes an integer", _is_decimal)


def _call_number(call_id: int | str) -> int:
    _decimal.check("call_id", call_id)
    return int(call_id)


@attrs.frozen(kw_only=True, repr=False)
class VoIPCall(CheckedModel):
    """A call that rings on the device: ``Notification(voip=VoIPCall(...))``.

    The notification gets `voip_push`, and the call in the root parameters of iOS and of Android. For
    iOS ``aps.mutable-content`` is 1 beside it. For Android ``voip`` is true beside it: the vendor's
    list of Android fields requires it [ES:265], its example of a call leaves it out [ES:178-183].

    Attributes:
        caller_name: who calls; the device says "unknown caller" if unset. [ES:159, ES:179]
        video: whether it is a video call. [ES:160, ES:180]
        supports_holding: whether the call can be put on hold; iOS only. [ES:161]
        supports_dtmf: whether tones can be sent; iOS only. [ES:162]
        call_id: number of the call, from 0: an int, or its decimal text; kept as int. It is a text
            for iOS and an integer for Android. [ES:163, ES:181]
        cancel: True: end the call that has this `call_id`. [ES:164, ES:182]
    """

    caller_name: str | None = wire_field("ES:159, ES:179", wire="callerName", counted="characters")
    video: bool | None = wire_field("ES:160, ES:180")
    supports_holding: bool | None = wire_field("ES:161", wire="supportsHolding")
    supports_dtmf: bool | None = wire_field("ES:162", wire="supportsDTMF")
    call_id: int | str | None = wire_field(
        "ES:163, ES:181", _decimal, wire="callId", kept_as=_call_number
    )
    cancel: bool | None = wire_field("ES:164, ES:182", wire="cancelCall", needs="call_id")

    def ios_root_params(self) -> dict[str, Any]:
        """Return the call as ``ios_root_params`` holds it [ES:155-165]."""
        call = {"aps": {"mutable-content": 1}, **written_fields(self)}
        return call if self.call_id is None else {**call, "callId": str(self.call_id)}

    def android_root_params(self) -> dict[str, Any]:
        """Return the call as ``android_root_params`` holds it [ES:178-183, ES:265]."""
        call = {"voip": True, **written_fields(self)}
        return {key: value for key, value in call.items() if key not in _FOR_IOS_ONLY}


def merged(name: str, given: Mapping[str, Any] | None, call: Mapping[str, Any]) -> dict[str, Any]:
    """Return root parameters with a call among them.

    Raises:
        ConfigurationError: `given`, called `name`, says otherwise than the call.
    """
    merged_params = dict(given or {})
    for key, value in call.items():
        there = merged_params.get(key, value)
        if isinstance(there, Mapping) and isinstance(value, Mapping):
            merged_params[key] = merged(f"{name}.{key}", there, value)
        elif there != value:
            raise ConfigurationError(f"{name}: {key!r} is another one than the voip call's")
        else:
            merged_params[key] = value
    return merged_params
