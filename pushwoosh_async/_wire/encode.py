"""What bytes leave: the unchanging part of a notification once, ids spliced in, the token last.

A repeated notification must be identical byte for byte (delivery.md, A2): whoever repeats keeps the
`Body` and does not encode again.
"""

from collections.abc import Iterator, Sequence

import orjson
from attrs import field, frozen

from pushwoosh_async._secret import Secret
from pushwoosh_async._wire.identity import template_digest
from pushwoosh_async._wire.methods import MAX_BODY_BYTES
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification

PIECE = 64 * 1024


@frozen
class Target:
    """Which application, or which group of them, a request is for."""

    key: str
    code: str


@frozen(repr=False)
class Body:
    """The JSON of one request but for the token, which joins when the bytes are about to leave.

    The repr shows nothing: a body holds recipients.
    """

    head: bytes = field(repr=False)

    def complete(self, token: Secret) -> bytes:
        """Return the whole body. The token goes last, so the costly part is shared by all attempts."""
        return b"".join((self.head, b',"auth":"', _escaped(token), b'"}}'))

    def __len__(self) -> int:
        return len(self.head)


def _escaped(token: Secret) -> bytes:
    return orjson.dumps(token.reveal())[1:-1]


def pieces(data: bytes) -> Iterator[bytes]:
    """Cut a body: at most 64 KiB each, and the last byte always a piece of its own.

    So a process that was stopped in mid-body cannot complete it late: the gate is asked before each
    piece ([M] SIGSTOP past the window: processed late in 10 of 12 without, 0 of 12 with).
    """
    last = len(data) - 1
    for start in range(0, last, PIECE):
        yield data[start : min(start + PIECE, last)]
    yield data[last:]


@frozen(repr=False)
class Template:
    """A notification encoded once, with holes for the recipients and the transactionId.

    Attributes:
        digest: of what is sent, whoever gets it.
    """

    digest: str
    _head: bytes

    def splice(self, kind: str, ids: Sequence[str], transaction_id: str) -> bytes:
        """Return one notification object for these ids (`kind`: users or devices)."""
        return b"".join(
            (
                self._head,
                b'"transactionId":"',
                transaction_id.encode(),
                b'","',
                kind.encode(),
                b'":',
                orjson.dumps(ids),
                b"}",
            )
        )

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


def encode(notification: Notification, transaction_id: str) -> bytes:
    """Return one complete notification object."""
    return orjson.dumps({**sendable_fields(notification), "transactionId": transaction_id})


def envelope(target: Target, notifications: Sequence[bytes]) -> Body:
    """Wrap notification objects into a request.

    Raises:
        ConfigurationError: it would pass the API's 10 MB [api.md 3].
    """
    head = b"".join(
        (
            b'{"request":{',
            orjson.dumps(target.key),
            b":",
            orjson.dumps(target.code),
            b',"notifications":[',
            b",".join(notifications),
            b"]",
        )
    )
    check_size(len(head))
    return Body(head)


def check_size(size: int) -> None:
    """Refuse a body that passes the API's limit."""
    if size > MAX_BODY_BYTES - 1024:  # room for the token
        raise ConfigurationError(
            f"notification: the request would take {size} bytes; the API takes under {MAX_BODY_BYTES}"
        )
