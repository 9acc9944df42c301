"""The answer to getMessageDetails: one message [ES:692-712]."""

from pushwoosh_async._wire import lenient
from pushwoosh_async._wire.decode import Context, decode_envelope, response_of, unexpected
from pushwoosh_async._wire.reply import Reply
from pushwoosh_async.errors import APIError
from pushwoosh_async.models.message_details import MessageDetails


def decode_details(reply: Reply, context: Context) -> MessageDetails | APIError:
    """Read one message, with real types in place of the server's texts."""
    envelope = decode_envelope(reply, context)
    if isinstance(envelope, APIError):
        return envelope
    message = response_of(envelope).get("message")
    if not isinstance(message, dict):
        return unexpected(reply, context, "the answer holds no message")
    numbers = map(lenient.whole, lenient.sequence(message.get("platforms")))
    return MessageDetails(
        id=lenient.whole(message.get("id")),
        code=lenient.text(message.get("code")),
        created=lenient.moment(message.get("created")),
        send_date=lenient.moment(message.get("send_date")),
        status=lenient.text(message.get("status")),
        content=lenient.localised(message.get("content")),
        platforms=tuple(number for number in numbers if number is not None),
        ignore_user_timezone=lenient.flag(message.get("ignore_user_timezone")),
        data=lenient.mapping(message.get("data")) or None,
        raw=message,
    )
