"""What does createSMSMessage do? Sends one text to one registered number [api.md 1.7]."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox import answers, platforms
from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.devices import Devices, Registration
from pushwoosh_async.sandbox.methods.rules import read_notifications
from pushwoosh_async.sandbox.methods.schedule import due
from pushwoosh_async.sandbox.outbox import Outbox, Parcel
from pushwoosh_async.sandbox.refusal import RefusedError

E164 = re.compile(r"\+[1-9][0-9]{1,14}")


@frozen
class CreateSMSMessage:
    """The method, over the state it changes. It has no transactionId: a repeat is sent again."""

    account: Account
    outbox: Outbox
    devices: Devices

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """Process a request, the content of ``{"request": ...}``, and return its answer.

        Raises:
            RefusedError: a rule is broken. Its answer has an empty list of codes [DE:68].
        """
        try:
            return self._sent(request)
        except RefusedError as refusal:
            reason = str(refusal)
        raise RefusedError(reason, answers.refused(reason, {"Messages": []}))

    def _sent(self, request: Mapping[str, Any]) -> Answer:
        self.account.check_token(request)
        application = self.account.application(request)
        notifications = read_notifications(request)
        if len(notifications) != 1:
            raise RefusedError("Exactly one notification is allowed.")
        (notification,) = notifications
        goes_out = due(notification)
        _check_content(notification.get("content"))
        number = _number(notification.get("devices"))
        self._check_registration(application, number, notification.get("use_auto_registration"))
        parcel = Parcel(
            notification=notification,
            recipients=[number],
            reach={application: {platforms.SMS: 1}},
            due=goes_out,
        )
        return answers.sent([self.outbox.send(parcel)], {})

    def _check_registration(self, application: str, number: str, automatic: object) -> None:
        registration = self.devices.of(application, number)
        if registration is not None and registration.device_type == platforms.SMS:
            return
        if automatic is not True:
            raise RefusedError("The phone number is not registered.")
        self.devices.register(application, number, Registration(platforms.SMS, user=number))


def _check_content(content: object) -> None:
    if not isinstance(content, str) or not content:
        raise RefusedError("Invalid content. It must be a string.")


def _number(devices: object) -> str:
    if not isinstance(devices, list):
        raise RefusedError('Invalid devices list. "devices" must be an array.')
    if len(devices) != 1:
        raise RefusedError("Invalid devices list. Exactly one phone number is allowed.")
    (number,) = devices
    if not isinstance(number, str) or not E164.fullmatch(number):
        raise RefusedError("Invalid devices list. The phone number must be in E.164 format.")
    return number
