"""What bytes leave: the unchanging part of a notification once, ids spliced in, the token last.

A repeated notification must be identical byte for byte (delivery.md, A2): whoever repeats keeps the
`Body` and does not encode again.
"""

from collections.abc import Mapping, Sequence

import orjson
from attrs import frozen

from pushwoosh_async._secret import MAX_TOKEN, Secret
from pushwoosh_async._wire.identity import template_digest
from pushwoosh_async._wire.methods import CREATE_MESSAGE, MAX_BODY_BYTES, Method
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.wire_model import WireModel

PIECE = 64 * 1024
_HOLES = ("users", "devices", "transactionId")
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

    _parts: tuple[bytes, ...]  # the arguments, their closing brace left out
    size: int
    _method: Method = CREATE_MESSAGE

    def pieces(self, token: Secret) -> list[bytes]:
        """Return the whole body, cut: at most 64 KiB each, the last byte always a piece of its own.

        So a process that was stopped in mid-body cannot complete it late: the gate is asked before
        each piece ([M] SIGSTOP past the window: processed late in 10 of 12 without, 0 of 12 with).
        The token goes last, as all before it is the same for every attempt.
        """
        data = b"".join((*self._parts, *self._ending(token)))
        if len(data) <= PIECE:
            return [data, b"}"]
        return [*(data[at : at + PIECE] for at in range(0, len(data), PIECE)), b"}"]

    @property
    def max_reply(self) -> int:
        """Bytes of the longest answer that is read."""
        most = self._method.max_reply
        return max(most, 3 * self.size) if self._method.names_ids else most  # escaped, perhaps

    def headers(self, token: Secret) -> dict[str, str]:
        """Return the headers that this request has beside those of every request."""
        if self._method.auth == "body":
            return {}
        return {"Authorization": f"Token {token.reveal()}"}

    def _ending(self, token: Secret) -> tuple[bytes, ...]:
        brace = b"}" if self._method.wrapped else b""
        if self._method.auth == "header":
            return (brace,)
        return b',"auth":', orjson.dumps(token.reveal()), brace


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
        return self._head, _middle(kind, transaction_id), encoded, b"}"

    def size(self, kind: str, encoded: bytes, transaction_id: str) -> int:
        """Return how many bytes the parts of `splice` have together."""
        return len(self._head) + len(_middle(kind, transaction_id)) + len(encoded) + 1

    @classmethod
    def of(cls, digest: str, text: str) -> "Template":
        """Return the template that has this digest and text."""
        return cls(digest, text[:-1].encode() + b",")

    @property
    def text(self) -> str:
        """The notification as JSON, without recipients and transactionId."""
        return f"{self._head[:-1].decode()}}}"


def _middle(kind: str, transaction_id: str) -> bytes:
    return b'"transactionId":%b,"%b":' % (orjson.dumps(transaction_id), kind.encode())


def template(notification: Notification) -> Template:
    """Encode the unchanging part of a notification: all but its users or devices and transaction id."""
    fields = sendable_fields(notification)
    for name in _HOLES:
        fields.pop(name, None)
    head = orjson.dumps(fields)
    return Template(template_digest(fields), head[:-1] + b",")


def sendable_fields(message: WireModel) -> dict[str, object]:
    """Return the wire fields with the defaults that the API wants to be sent.

    `send_date` is optional by the current page [ES:39], but a server refused to do without [CC].
    """
    return {"send_date": "now", **message.to_wire()}


def encode(message: WireModel, transaction_id: str | None = None) -> tuple[bytes, ...]:
    """Return one complete notification object, in parts. An SMS has no transactionId."""
    fields = sendable_fields(message)
    if transaction_id is not None:
        fields["transactionId"] = transaction_id
    return (orjson.dumps(fields),)


def envelope(
    target: Target, notifications: Sequence[tuple[bytes, ...]], method: Method = CREATE_MESSAGE
) -> Body:
    """Wrap notification objects into a request.

    Raises:
        ConfigurationError: it would pass the API's 10 MB [H-batch].
    """
    parts = [_opening(target), *notifications[0]]
    for notification in notifications[1:]:
        parts += (b",", *notification)
    parts.append(b"]")
    return _body(parts, method, "notification")


def room_around(target: Target) -> int:
    """Return how many bytes may stand around the notifications of a request, its token among them."""
    return len(_opening(target)) + len(b"]") + _ROOM_FOR_TOKEN


def bytes_around(target: Target) -> int:
    """Return the bytes of a request besides its token and its notifications, told with a comma each."""
    return len(_opening(target)) + len(b'],"auth":""}}') - len(b",")


def _opening(target: Target) -> bytes:
    code = orjson.dumps(target.code)
    return b'{"request":{"%b":%b,"notifications":[' % (target.key.encode(), code)


def request(method: Method, arguments: Mapping[str, object]) -> Body:
    """Encode a request that is no list of notifications.

    Args:
        method: which of the API's methods.
        arguments: its arguments, at least one.

    Raises:
        ConfigurationError: it would pass the API's 10 MB.
    """
    head = (b'{"request":',) if method.wrapped else ()
    return _body([*head, orjson.dumps(arguments)[:-1]], method, method.name)


def _body(parts: Sequence[bytes], method: Method, what: str) -> Body:
    size = sum(map(len, parts))
    if size > MAX_BODY_BYTES - _ROOM_FOR_TOKEN:
        raise ConfigurationError(
            f"{what}: the request would take {size} bytes; the API takes under {MAX_BODY_BYTES}"
        )
    return Body(tuple(parts), size, method)
