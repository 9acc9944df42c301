"""The SMS API: its one method."""

from pushwoosh_async._transport.session import Call
from pushwoosh_async._wire.decode import decode_messages
from pushwoosh_async._wire.encode import encode, envelope
from pushwoosh_async._wire.methods import CREATE_SMS_MESSAGE
from pushwoosh_async.endpoints.base import Endpoint
from pushwoosh_async.models.results import MessageResult
from pushwoosh_async.models.sms import SMS


class SMSMessages(Endpoint):
    """Sends SMS."""

    async def create_sms_message(self, sms: SMS) -> MessageResult:
        """Send one SMS to one number.

        The API knows no transactionId here, so a call that is in doubt is **never repeated**: that
        could send, and charge, twice. What was certainly not sent is repeated as any other; that a 429 is
        such, as it comes before processing, is an assumption (A7 in the README).

        Args:
            sms: what to send; its number must have been registered (`register_device`), unless it
                says `use_auto_registration`.

        Returns:
            One message code, or None in its place.

        Raises:
            TypeError: not an SMS.
            ConfigurationError: a value that breaks a rule, or the client has no application.
            TransportError: no answer; `delivery` says whether it may have been sent.
            APIError: an answer that is not success; likewise.

        Vendor: createSMSMessage [DE:7-77].
        """
        if not isinstance(sms, SMS):
            raise TypeError(f"sms: expected an SMS, got {type(sms).__name__}")
        sms.validate()
        body = envelope(self._require_application(), [encode(sms)], CREATE_SMS_MESSAGE)
        return await self._call(Call(CREATE_SMS_MESSAGE, body, (), decode_messages))
