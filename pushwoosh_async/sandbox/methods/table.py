"""Which methods are there, at which paths, where does their token go, and who answers?"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from attrs import frozen

from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.bad_notifications import BadNotifications
from pushwoosh_async.sandbox.devices import Devices
from pushwoosh_async.sandbox.methods.create_message import CreateMessage
from pushwoosh_async.sandbox.methods.create_sms_message import CreateSMSMessage
from pushwoosh_async.sandbox.methods.create_targeted_message import CreateTargetedMessage
from pushwoosh_async.sandbox.methods.details import GetMessageDetails
from pushwoosh_async.sandbox.methods.device_methods import DeviceMethods
from pushwoosh_async.sandbox.methods.history import GetPushHistory
from pushwoosh_async.sandbox.methods.recall import Recall
from pushwoosh_async.sandbox.methods.statistics import TotalsByIntervals
from pushwoosh_async.sandbox.outbox import Outbox
from pushwoosh_async.sandbox.repeats import Repeats

PREFIX = "/json/1.3/"
STATISTICS = "/api/v2/statistics/messages/totalsByIntervals"


@frozen
class Method:
    """A method of the API.

    Attributes:
        answer: is handed the request and answers it, or raises `RefusedError`.
        header: which token the ``Authorization`` header must hold; None where it is in the body.
        wrapped: the request is the content of ``{"request": ...}`` rather than the whole body.
        pays: it is charged to the rate limit.
    """

    answer: Callable[[Mapping[str, Any]], Answer]
    header: Literal["API", "device"] | None = None
    wrapped: bool = True
    pays: bool = False


def methods(
    account: Account,
    outbox: Outbox,
    devices: Devices,
    repeats: Repeats,
    bad: BadNotifications,
    unknown: Collection[str],
) -> Mapping[str, Method]:
    """Return every method by its path, over this state."""
    create = CreateMessage(account, outbox, devices, repeats, bad, unknown)
    targeted = CreateTargetedMessage(account, outbox, devices, repeats)
    sms = CreateSMSMessage(account, outbox, devices)
    recall = Recall(account, outbox.messages, outbox.tally)
    device = DeviceMethods(account, devices)
    named = {
        "createMessage": Method(create.answer, pays=True),
        "createTargetedMessage": Method(targeted.answer, pays=True),
        "createSMSMessage": Method(sms.answer, pays=True),
        "deleteMessage": Method(recall.delete),
        "cancelMessage": Method(recall.cancel),
        "getMessageDetails": Method(GetMessageDetails(account, outbox.messages).answer),
        "getPushHistory": Method(GetPushHistory(account, outbox.messages).answer),
        "registerDevice": Method(device.register_device, header="device"),
        "unregisterDevice": Method(device.unregister_device, header="device"),
        "registerUser": Method(device.register_user, header="device"),
        "setTags": Method(device.set_tags, header="device"),
        "getTags": Method(device.get_tags, header="device"),
    }
    totals = Method(TotalsByIntervals(outbox.messages).answer, header="API", wrapped=False)
    return {PREFIX + name: method for name, method in named.items()} | {STATISTICS: totals}
