"""One attempt: what a transport is asked to do, and what can come of it."""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, TypeVar

from attrs import field, frozen

from pushwoosh_async._secret import Secret
from pushwoosh_async._wire.encode import Body
from pushwoosh_async._wire.reply import Reply

T = TypeVar("T")


@frozen
class Post:
    """One POST.

    Attributes:
        path: below the base URL.
        body: without the token.
        token: joins the body as the bytes leave.
        timeout: seconds the whole attempt may take, connecting included.
    """

    path: str
    body: Body
    token: Secret
    timeout: float


@frozen
class Failure:
    """No complete answer came.

    Attributes:
        handed_over: the last byte of the body was given away: the server may have acted on it.
        reason: for people.
        permanent: trying again cannot help.
    """

    handed_over: bool
    reason: str
    permanent: bool = False


@frozen
class Answered:
    """A complete answer came.

    Attributes:
        reply: the answer.
        handed_over: False where the server answered before it had the whole body.
    """

    reply: Reply = field(repr=False)
    handed_over: bool


Exchange: TypeAlias = Answered | Failure


class Slot(Protocol):
    """One connection, reserved for one attempt."""

    async def post(
        self, post: Post, *, may_hand_over: Callable[[], bool], settle: Callable[[Exchange], T]
    ) -> T:
        """Make the attempt, give the slot back, and return what `settle` made of the exchange.

        The attempt belongs to the transport: where the caller is cancelled it goes on to its end, and
        `settle` is called exactly once all the same. If nothing was handed over by the time of the
        cancellation nothing ever will be, and `settle` is called at once.

        Args:
            post: what to send.
            may_hand_over: asked before each piece of the body; False ends the attempt unsent.
            settle: called once, without an await around it.
        """

    def release(self) -> None:
        """Give the slot back unused."""


class Transport(Protocol):
    """Where attempts are made."""

    async def acquire(self) -> Slot:
        """Wait for a free connection. Cancellable; first come, first served."""

    async def aclose(self) -> None:
        """Drain what is under way, for a bounded time, and close every connection of our own."""


class HTTPClient(Protocol):
    """What an injected HTTP client must offer: `httpx.AsyncClient` and `httpx2.AsyncClient` do."""

    def build_request(
        self, method: str, url: str, *, headers: Any, content: Any, timeout: Any, extensions: Any
    ) -> Any:
        """Build a request whose body is an async iterable of bytes."""

    async def send(self, request: Any, *, stream: bool, follow_redirects: bool) -> Any:
        """Send it; the response has `status_code`, `headers`, an async `stream` and `aclose()`.

        Calls with the token in a header pass ``auth=None`` too, so that none of its own replaces it.
        """
