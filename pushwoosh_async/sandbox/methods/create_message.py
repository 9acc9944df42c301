"""What does createMessage do with a request? Refuses it, suppresses repeats, sends the rest."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import Factory, define, frozen

from pushwoosh_async.sandbox import answers, platforms
from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.bad_notifications import BadNotifications
from pushwoosh_async.sandbox.devices import Device, Devices, Reach, reach
from pushwoosh_async.sandbox.methods.rules import Sending, read_notifications, read_sending
from pushwoosh_async.sandbox.outbox import CODE_NOT_AVAILABLE, Outbox, Parcel
from pushwoosh_async.sandbox.refusal import RefusedError
from pushwoosh_async.sandbox.repeats import Repeats

# An immediate send to fewer devices gets no code [api.md 1.1]. To none it gets one here: a guess.
CODED_AUDIENCE = 10


@define
class _Receipt:
    """What the answer to a request is made of, while its notifications are gone through."""

    codes: list[str] = Factory(list)
    unknown: dict[str, list[str]] = Factory(dict)
    repeated: bool = False


@frozen
class CreateMessage:
    """The method, over the state it changes.

    Users and devices that a notification names are delivered to whether or not they were registered
    here; so nobody knows their platform, and they count for the first that the notification names,
    else for iOS. Conditions choose among the devices that were registered here. How many are in a
    stored filter or at a place is not known here, so a message to one always gets a code.

    Attributes:
        unknown: ids that nobody has registered: not delivered to, reported in ``UnknownDevices``.
            The answer to a repeat does not name them again.
    """

    account: Account
    outbox: Outbox
    devices: Devices
    repeats: Repeats
    bad: BadNotifications
    unknown: Collection[str]

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """Process a request, the content of ``{"request": ...}``, and return its answer.

        Raises:
            RefusedError: a rule is broken, by the request or by one of its notifications. Nothing is
                sent, or all but the bad ones, as `BadNotifications` has it.
        """
        application = self.account.application_or_group(request)
        read = self._read(request)
        reasons = [each for each in read if isinstance(each, str)]
        self.bad.check_rest(reasons, len(read))
        ids = [None if isinstance(each, str) else each.transaction_id for each in read]
        refusal = self.repeats.refusal(application, ids)
        if refusal is not None:
            return refusal
        receipt = _Receipt()
        for each in read:
            self._take(application, each, receipt)
        refusal = self.repeats.refusal_once_sent() if receipt.repeated else None
        if refusal is not None:
            return refusal
        self.bad.check_sent(reasons)
        return answers.sent(receipt.codes, receipt.unknown)

    def _read(self, request: Mapping[str, Any]) -> Sequence[Sending | str]:
        """Return each notification, or the reason why it is refused."""
        grouped, today = bool(request.get("applications_group")), self.outbox.messages.today()
        read: list[Sending | str] = []
        for each in read_notifications(request):
            try:
                sending = read_sending(each, grouped=grouped, today=today)
                self.bad.check_ids(sending.ids)
                read.append(sending)
            except RefusedError as refusal:
                read.append(str(refusal))
        return read

    def _take(self, application: str, read: Sending | str, receipt: _Receipt) -> None:
        """Send a notification, or rule that it is not sent."""
        if isinstance(read, str):
            self.outbox.rulings.make("rejected")
            return
        code = self.repeats.earlier_code(application, read.transaction_id)
        if code is None:
            receipt.codes.append(self._send(application, read, receipt.unknown))
            return
        receipt.repeated = True
        if self.repeats.way == "same_code":
            receipt.codes.append(code)

    def _send(self, application: str, sending: Sending, unknown: dict[str, list[str]]) -> str:
        strangers = [each for each in sending.ids if each in self.unknown] if self.unknown else []
        code = self.outbox.send(self._parcel(application, sending, strangers))
        self.repeats.remember(application, sending.transaction_id, code)
        if strangers:
            # Two notifications without a code share one key, as they do at the vendor's.
            key = "" if code == CODE_NOT_AVAILABLE else code
            unknown.setdefault(key, []).extend(strangers)
        return code

    def _parcel(self, application: str, sending: Sending, strangers: Sequence[str]) -> Parcel:
        recipients, reached = self._audience(application, sending, strangers)
        size = len(sending.ids) or len(recipients)  # unknown ids are part of it, too
        return Parcel(
            notification=sending.notification,
            recipients=recipients,
            reach=reached,
            due=sending.due,
            broadcast=sending.broadcast,
            traced=sending.due is not None or not 0 < size < CODED_AUDIENCE,
        )

    def _audience(
        self, application: str, sending: Sending, strangers: Sequence[str]
    ) -> tuple[Sequence[str], Reach]:
        if sending.conditions is not None:
            chosen = self._chosen(application, sending)
            return [device.hwid for device in chosen], reach(chosen, [application])
        known = sending.ids if not strangers else [i for i in sending.ids if i not in self.unknown]
        platform = next(iter(sending.platforms or platforms.ALL_PUSH))
        return known, {application: {platform: len(known)} if known else {}}

    def _chosen(self, application: str, sending: Sending) -> list[Device]:
        def matches(device: Device) -> bool:
            registration = device.registrations.get(application)
            if registration is None or sending.conditions is None:
                return False
            on_platform = not sending.platforms or registration.device_type in sending.platforms
            return on_platform and sending.conditions(device)

        return self.devices.matching(matches)
