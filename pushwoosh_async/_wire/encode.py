"""What bytes leave: the unchanging part of a notification once, ids spliced in, the token last.

A repeated notification must be identical byte for byte (delivery.md, A2): whoever repeats keeps the
`Body` and does not encode again.
"""

from collections.abc import Sequence

import orjson
from attrs import frozen

from pushwoosh_async._secret import MAX_TOKEN, Secret
from pushwoosh_async._wire.identity import template_digest
from pushwoosh_async._wire.methods import MAX_BODY_BYTES
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification

PIECE = 64 * 1024
_ROOM_FOR_TOKEN = 2 * MAX_TOKEN + 64  # each of its characters may need an escape


@frozen
class Target:
    """Which application, or which group of them, a request is for."""

    key: str
    code: str


@frozen(repr=False)
class Body:
    """The JSON of one request but for the token, which joins when the bytes are about to leave.

    The repr shows nothing: a body holds recipients. Kept in parts, so that 30 kB of ids are copied
    once, when all is joined.
    """

    _parts: tuple[bytes, ...]
    size: int

    def pieces(self, token: Secret) -> list[bytes]:
        """Return the whole body, cut: at most 64 KiB each, the last byte always a piece of its own.

        So a process that was stopped in mid-body cannot complete it late: the gate is asked before
        each piece ([M] SIGSTOP past the window: processed late in 10 of 12 without, 0 of 12 with).
        The token goes last, as all before it is the same for every attempt.
        """
        data = b"".join((*self._parts, b',"auth":', orjson.dumps(token.reveal()), b"}"))
        if len(data) <= PIECE:
            return [data, b"}"]
        return [*(data[at : at + PIECE] for at in range(0, len(data), PIECE)), b"}"]


@frozen(repr=False)
class Template:
    """A notification encoded once, with holes for the recipients and the transactionId.

    Attributes:
        digest: of what is sent, whoever gets it.
    """

    digest: str
    _head: bytes

    def splice(self, kind: str, encoded: bytes, transaction_id: str) -> tuple[bytes, ...]:
        """Return one notification object, in parts, for ids encoded by `identity.encode_ids`.

        Args:
            kind: ``"users"`` or ``"devices"``.
            encoded: the JSON array of the ids.
            transaction_id: of this notification.
        """
        middle = f'"transactionId":"{transaction_id}","{kind}":'
        return self._head, middle.encode(), encoded, b"}"

    def __len__(self) -> int:
        return len(self._head)


def template(notification: Notification) -> Template:
    """Encode the unchanging part of a notification that carries no audience and no transaction id."""
    fields = sendable_fields(notification)
    head = orjson.dumps(fields)
    return Template(template_digest(fields), head[:-1] + b",")


def sendable_fields(notification: Notification) -> dict[str, object]:
    """Return the wire fields with the defaults that the API wants to be sent.

    `send_date` is optional by the current page [ES:39], but a server refused to do without [CC].
    """
    return {"send_date": "now", **notification.to_wire()}


def encode(notification: Notification, transaction_id: str) -> tuple[bytes, ...]:
    """Return one complete notification object, in parts."""
    return (orjson.dumps({**sendable_fields(notification), "transactionId": transaction_id}),)


def envelope(target: Target, notifications: Sequence[tuple[bytes, ...]]) -> Body:
    """Wrap notification objects into a request.

    Raises:
        ConfigurationError: it would pass the API's 10 MB [api.md 3].
    """
    head = b'{"request":{"%b":%b,"notifications":[' % (
        target.key.encode(),
        orjson.dumps(target.code),
    )
    parts = [head, *notifications[0]]
    for notification in notifications[1:]:
        parts += (b",", *notification)
    parts.append(b"]")
    size = sum(map(len, parts))
    if size > MAX_BODY_BYTES - _ROOM_FOR_TOKEN:
        raise ConfigurationError(
            f"notification: the request would take {size} bytes; the API takes under {MAX_BODY_BYTES}"
        )
    return Body(tuple(parts), size)
