"""What does an await come to? The API's acceptance, or an error of its own."""

from copy import copy

from attrs import frozen

from pushwoosh_async._fanout.carrier import CalledOffError
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async.errors import Delivery, PushwooshError, TransportError

CLOSED = "createMessage: the sender was closed before this was sent"
UNANSWERED = "createMessage: the sender was closed before its answer came"
SILENT = "createMessage: the sender was closed before this was sent, while the server was silent"


@frozen(kw_only=True)
class Accepted:
    """The API has accepted one delivery.

    Attributes:
        transaction_id: under which it was sent; the same for all that share its notification.
        message_code: as the API named it; None where it named none, as for an immediate message to fewer
            than ten.
        unknown: the application does not know this recipient, who got nothing.
        recipients: how many shared the notification, this one included.
    """

    transaction_id: str
    message_code: str | None
    unknown: bool
    recipients: int


def accepted(guard: ChunkGuard, *, unknown: bool = False) -> Accepted:
    """Return what those of an accepted chunk are told: whom the application knows, or the others."""
    return Accepted(
        transaction_id=guard.chunk.transaction_id,
        message_code=guard.life.message_code,
        unknown=unknown,
        recipients=guard.chunk.count,
    )


def unsent(reason: str) -> TransportError:
    """Return the error of what never left."""
    return TransportError(reason, delivery="not_sent")


def failure(guard: ChunkGuard, raised: Exception | None) -> PushwooshError:
    """Return the error of a chunk that was not accepted, with its true delivery.

    Args:
        guard: of the chunk.
        raised: what its request came to, where that is known.
    """
    label = guard.life.label
    delivery: Delivery = "in_doubt" if label == "accepted" else label
    # Of a doubt, the attempt that made it tells more than what kept it from being repeated.
    told = guard.error if guard.in_doubt and guard.error is not None else raised or guard.error
    if isinstance(told, PushwooshError):
        error = fresh(told)
        if told is guard.error:
            error.args = (guard.life.reason,)  # says of a pack what its error alone does not
    else:
        words = UNANSWERED if told is None and guard.in_doubt else _words(told)
        error = TransportError(words, method="createMessage")
        error.__cause__ = told
    error.delivery = delivery
    error.transaction_ids = (guard.chunk.transaction_id,)
    return error


def fresh(error: PushwooshError) -> PushwooshError:
    """Return a copy to raise: an error raised twice would show both tracebacks."""
    twin = copy(error)
    twin.__cause__ = error.__cause__
    notes = getattr(error, "__notes__", None)
    if notes is not None:
        twin.__notes__ = list(notes)
    return twin


def _words(raised: Exception | None) -> str:
    if raised is None:
        return CLOSED
    if isinstance(raised, CalledOffError):
        return "createMessage: what it called (the token, a hook) was cancelled"
    return (
        f"createMessage: {type(raised).__name__} was raised by what it called (the token, a hook)"
    )
