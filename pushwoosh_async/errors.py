"""What can go wrong. Every error of ours says whether the message may have been delivered.

    Exception
    └── PushwooshError                      .delivery, .method, .transaction_ids
        ├── ConfigurationError              a wrong value, refused before a byte is sent (also a ValueError)
        │   └── FilterSyntaxError           ... in the text of a filter: .line, .column, .expected
        ├── TransportError                  no complete answer arrived
        ├── APIError                        the API answered, and not with success
        │   ├── AuthenticationError         the token or the application was refused
        │   ├── InvalidRequestError         the API refused the arguments
        │   │   └── FilterError             ... the devices_filter among them: see .errors
        │   ├── RateLimitedError            429; .retry_after
        │   ├── ServerError                 5xx, or a body code that is not in the vendor's table
        │   ├── RedirectError               3xx: never followed, since the body holds the token
        │   └── UnexpectedResponseError     an answer nobody can read
        ├── RunStoppedError                 a fan-out ended early; .report says what became of whom
        ├── JournalError                    the record of a run cannot be written or read
        │   └── JournalLockedError
        ├── InputChangedError               a resumed run was given another input
        └── QueueFullError                  a sender has no room

A wrong *type*, or an unknown keyword, is a plain ``TypeError``. ``CancelledError`` passes through.

``.delivery``, never the class, decides what may be repeated:

* ``"not_sent"``: the server cannot have processed it. Sending again is safe.
* ``"rejected"``: the server refused it. Nobody got it; sending the same again will be refused again.
* ``"in_doubt"``: it may have been delivered. The default wherever nothing better is known.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

Delivery: TypeAlias = Literal["not_sent", "rejected", "in_doubt"]


class RecipientCounts(Protocol):
    """How many recipients ended how: the part of a run's `SendReport` that an error can promise."""

    @property
    def accepted(self) -> int:
        """Recipients the API accepted."""

    @property
    def rejected(self) -> int:
        """Recipients the API refused."""

    @property
    def in_doubt(self) -> int:
        """Recipients who may have been sent to."""

    @property
    def not_sent(self) -> int:
        """Recipients who were certainly not sent to."""

    @property
    def invalid(self) -> int:
        """Inputs set aside because they break a rule for ids."""

    @property
    def duplicates(self) -> int:
        """Inputs set aside because they came before."""

    @property
    def total(self) -> int:
        """All of them."""

    @property
    def stopped(self) -> str:
        """Why the run ended early; empty if it did not."""


class PushwooshError(Exception):
    """The root of every error of ours.

    Attributes:
        delivery: ``"not_sent"``, ``"rejected"`` or ``"in_doubt"``; see the module.
        method: the API method that was called, such as ``"createMessage"``; None outside a call.
        transaction_ids: the transaction ids of the notifications in the call.
        report: what became of every recipient, where the error ended a fan-out; else None.
    """

    def __init__(
        self,
        message: str,
        *,
        delivery: Delivery = "in_doubt",
        method: str | None = None,
        transaction_ids: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.delivery: Delivery = delivery
        self.method = method
        self.transaction_ids = tuple(transaction_ids)
        self.report: RecipientCounts | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # BaseException pickles as cls(*args), which loses every keyword-only argument.
        return _restore, (type(self), self.args, self.__dict__.copy())


def _restore(
    cls: type[PushwooshError], args: tuple[Any, ...], state: dict[str, Any]
) -> PushwooshError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(PushwooshError, ValueError):
    """A value breaks a rule. Raised before any byte is sent; names the argument and the rule."""

    def __init__(self, message: str) -> None:
        super().__init__(message, delivery="not_sent")


class FilterSyntaxError(ConfigurationError):
    """A text is not a filter. The message shows the place with a caret below it.

    It quotes the text around the place: a filter names tags and applications, not recipients.

    Attributes:
        line: of the text, from 1.
        column: in characters of that line, from 1.
        expected: what could have stood there, such as ``("','", "']'")``; empty where the form is
            right and a value breaks a rule.
    """

    def __init__(
        self, message: str, *, line: int, column: int, expected: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.expected = tuple(expected)


class TransportError(PushwooshError):
    """No complete answer arrived: refused, reset, timed out, cut short.

    Attributes:
        permanent: True where trying again cannot help, as with an untrusted certificate.
    """

    def __init__(self, message: str, *, permanent: bool = False, **context: Any) -> None:
        super().__init__(message, **context)
        self.permanent = permanent


class APIError(PushwooshError):
    """The API answered, and not with success.

    Attributes:
        http_status: the HTTP status.
        status_code: the body's ``status_code``; None where it has none.
        status_message: the body's ``status_message``: at most 500 characters, without control
            characters and without the token. The vendor's texts are no contract: do not match on them.
        errors: the body's ``response.errors``, as createTargetedMessage sends them.
        retry_after: seconds the server asked to wait, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        http_status: int,
        status_code: int | None = None,
        status_message: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        retry_after: float | None = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.http_status = http_status
        self.status_code = status_code
        self.status_message = status_message
        self.errors = tuple(dict(error) for error in errors)
        self.retry_after = retry_after


class AuthenticationError(APIError):
    """The token, the application or the account was refused: every further call would be too."""


class InvalidRequestError(APIError):
    """The API refused the arguments (body code 210, or HTTP 400 and its like). Permanent."""


class FilterError(InvalidRequestError):
    """The API could not compile the ``devices_filter``; ``.errors`` holds its reasons."""


class RateLimitedError(APIError):
    """429: too many requests. ``.retry_after`` in seconds, if the server named it."""


class ServerError(APIError):
    """The server failed. Whether it had begun to send, nobody can tell."""


class RedirectError(APIError):
    """The server redirected. Never followed: a repeated POST would carry the token elsewhere."""


class UnexpectedResponseError(APIError):
    """The answer is not one the API documents: HTML, cut-off JSON, an unknown shape."""


class RunStoppedError(PushwooshError):
    """A fan-out ended before its input did. ``.report`` says what became of every recipient.

    ``.delivery`` is ``"not_sent"`` if nobody can have got the message, else ``"in_doubt"``.
    """

    def __init__(self, message: str, *, report: RecipientCounts) -> None:
        nobody = report.accepted == 0 and report.in_doubt == 0
        super().__init__(message, delivery="not_sent" if nobody else "in_doubt")
        self.report: RecipientCounts = report


class JournalError(PushwooshError):
    """The record of a run could not be written or read, or cannot be trusted; the message says what to do.

    ``.delivery`` is ``"not_sent"`` where the attempt or the run it was for has not begun. It is
    ``"in_doubt"`` where there was a run before: that one may have sent.
    """


class JournalLockedError(JournalError):
    """Somebody is using the journal: another process, or another run in this one."""


class InputChangedError(PushwooshError):
    """A resumed run was given another input than the one its journal was made for. Nothing was sent.

    Attributes:
        field: what differs, such as ``"recipients 17000 to 18000"`` or ``"application"``.
        expected: what the journal holds.
        found: what was given.
    """

    def __init__(self, field: str, expected: object, found: object) -> None:
        super().__init__(
            f"{field}: the journal was made for {expected}, and was given {found}; nothing was sent. "
            "Give what its run was begun with (notification, recipients, options), or a new journal",
            delivery="not_sent",
        )
        self.field = field
        self.expected = str(expected)
        self.found = str(found)


class QueueFullError(PushwooshError):
    """A `BatchingSender` has no room for another delivery, which was not begun."""
