"""What became of one scheduled message that is to be cancelled? Asked until it is clear, or nothing is."""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias, TypeVar

from attrs import frozen

from pushwoosh_async._clock import Clock
from pushwoosh_async.errors import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    PushwooshError,
    RedirectError,
    TransportError,
)
from pushwoosh_async.models.message_details import MessageDetails

T = TypeVar("T")

Cancel: TypeAlias = Callable[[str], Awaitable[None]]
Details: TypeAlias = Callable[[str], Awaitable[MessageDetails]]
Fate: TypeAlias = Literal["cancelled", "too_late", "unknown"]

# Seconds that our clock and the server's may lie apart; a wrong guess costs one more request.
_CLOCK_ERROR = 300.0

# In lower case. The control panel knows CANCELED, DONE and PROCESSING [D-hist]; that the API writes the
# same words is known of "done" alone [ES:698].
_CANCELLED = frozenset({"canceled", "cancelled"})
_SENT = frozenset({"done", "processing"})


@frozen
class Canceller:
    """Cancels messages, one by one, and says what became of each.

    cancelMessage and deleteMessage are described in the same words [ES:634-662, ES:1094-1122]. It is
    cancelMessage because a cancelled message is shown as such afterwards [D-hist], where a deleted one
    may be gone (a guess), and could not be told from one that never was.

    What cancelMessage answers for a message that was sent, or cancelled before, is unknown. So an OK
    counts by itself only while the message's date is certainly ahead; in all else the message's own
    status decides.

    Attributes:
        cancel: cancelMessage, told a message code.
        details: getMessageDetails, likewise.
        clock: the time.
        due: wall clock before which none of the messages goes out.
    """

    cancel: Cancel
    details: Details
    clock: Clock
    due: float

    async def fate(self, code: str) -> tuple[Fate, str]:
        """Cancel a message; return what became of it and, unless it was cancelled, why.

        Raises:
            PushwooshError: what every other message would meet too.
        """
        answer = await _answer(self.cancel(code))
        if answer is None:
            if self.clock.stamp().wall < self.due - _CLOCK_ERROR:
                return "cancelled", ""
            return await self._by_status(code, "the API agreed, but its date may have come")
        if answer.delivery == "not_sent" and not _is_about_the_code(answer):
            return "unknown", f"no clear answer: {answer}"  # it changed nothing: no need to look
        return await self._by_status(code, str(answer))

    async def _by_status(self, code: str, said: str) -> tuple[Fate, str]:
        found = await _answer(self.details(code))
        if isinstance(found, PushwooshError):
            if _is_about_the_code(found):
                return "unknown", f"the API does not know the code: {said}"
            return "unknown", f"no clear answer: {said}; {found}"
        status = (found.status or "").lower()
        if status in _CANCELLED:
            return "cancelled", ""
        if status in _SENT:
            return "too_late", f"its status is {status!r}"
        return "unknown", f"no clear answer: {said}; its status is {found.status!r:.60}"


async def _answer(call: Awaitable[T]) -> T | PushwooshError:
    """Return what a call returned, or how it failed, unless every other would fail like it."""
    try:
        return await call
    except PushwooshError as error:
        if _concerns_all(error):
            raise
        return error


def _concerns_all(error: PushwooshError) -> bool:
    if isinstance(error, AuthenticationError):
        return not _is_about_the_code(error)
    permanent = isinstance(error, TransportError) and error.permanent
    return permanent or isinstance(error, ConfigurationError | RedirectError)


def _is_about_the_code(error: PushwooshError) -> bool:
    """Tell whether the API refused the message code, and not the caller.

    A 404 in the usual envelope comes from the API itself, which is told nothing but the token and the
    code; the newer API answers so [D-v2]. A 404 without an envelope means a wrong address.
    """
    not_found = isinstance(error, APIError) and error.status_code == 404
    return not_found or isinstance(error, InvalidRequestError)
