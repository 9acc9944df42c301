"""What does createTargetedMessage do? Compiles a filter and sends to the devices in its set."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.devices import Devices, reach
from pushwoosh_async.sandbox.methods.rules import check_root_params
from pushwoosh_async.sandbox.methods.schedule import due
from pushwoosh_async.sandbox.outbox import Outbox, Parcel
from pushwoosh_async.sandbox.refusal import RefusedError
from pushwoosh_async.sandbox.repeats import Repeats, transaction_id
from pushwoosh_async.sandbox.targeting.filter_compiler import Filter, compile_filter
from pushwoosh_async.sandbox.targeting.filter_tokens import FilterSyntaxError

# Its transactionIds belong to no application. That they are apart from createMessage's is a guess.
_SCOPE = ""


@frozen
class CreateTargetedMessage:
    """The method, over the state it changes. Its request is flat: one message, no application.

    The ledger has the hwid of each device, once, in however many applications it is registered. Every
    message gets a code, unlike createMessage's to fewer than ten devices: of this method the vendor
    documents nothing else [ES:751-753].
    """

    account: Account
    outbox: Outbox
    devices: Devices
    repeats: Repeats

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """Process a request, the content of ``{"request": ...}``, and return its answer.

        Raises:
            RefusedError: a rule is broken, or the filter does not compile, or it names an application
                that is not accepted; nothing is sent.
        """
        if "notifications" in request:
            # What a request nested like createMessage's was told [PHP PR#47].
            raise RefusedError("API token or application is not set")
        self.account.check_token(request)
        goes_out = due(request)
        check_root_params(request)
        repeat = transaction_id(request.get("transactionId"))
        chosen = self._compile(request.get("devices_filter"))
        self.account.check_applications(chosen.applications)
        return self.repeats.refusal(_SCOPE, [repeat]) or self._sent(
            request, chosen, goes_out, repeat
        )

    def _compile(self, text: object) -> Filter:
        if not isinstance(text, str):
            raise RefusedError("No devices_filter given")
        try:
            return compile_filter(text, self.outbox.messages.today())
        except FilterSyntaxError as error:
            # The words around it are ours: the vendor's are known in translation only [ES:758].
            errors = {"errors": [{"message": str(error), "type": "syntax"}]}
        reason = "Errors occurred while compiling the filter"
        raise RefusedError(reason, answers.refused(reason, errors))

    def _sent(
        self,
        request: Mapping[str, Any],
        chosen: Filter,
        goes_out: float | None,
        repeat: str | None,
    ) -> Answer:
        earlier = self.repeats.earlier_code(_SCOPE, repeat)
        if earlier is not None:
            return answers.ok({"messageCode": earlier} if self.repeats.way == "same_code" else {})
        devices = self.devices.matching(chosen.matches)
        parcel = Parcel(
            notification={name: value for name, value in request.items() if name != "auth"},
            recipients=[device.hwid for device in devices],
            reach=reach(devices, chosen.applications),
            due=goes_out,
        )
        code = self.outbox.send(parcel)
        self.repeats.remember(_SCOPE, repeat, code)
        return answers.ok({"messageCode": code})
