"""Would this send go through? The whole run, without a network: same ids, same checks, same bytes.

An HTTP client that answers by itself takes the place of the real one, so nothing is checked by other
code than what sends. Rehearsing a million ids takes about two seconds.
"""

from collections.abc import AsyncIterator
from typing import Any

from pushwoosh_async import RetryEvent
from pushwoosh_async.cli.complaints import naming
from pushwoosh_async.cli.display import Display
from pushwoosh_async.cli.sending import Sending
from pushwoosh_async.cli.watching import Ending, Retrying, watch

_ACCEPTED = b'{"status_code":200,"status_message":"OK","response":{"Messages":["REHEARSED"]}}'


class Nowhere:
    """An HTTP client that accepts everything and sends nothing. See `pushwoosh_async.HTTPClient`.

    Attributes:
        largest: bytes of the largest body so far.
    """

    def __init__(self) -> None:
        self.largest = 0

    def build_request(
        self,
        method: str,  # noqa: ARG002 -- the protocol's
        url: str,  # noqa: ARG002
        *,
        headers: Any,  # noqa: ARG002
        content: Any,
        timeout: Any,  # noqa: ARG002
        extensions: Any,  # noqa: ARG002 -- as above, of `HTTPClient`
    ) -> Any:
        """Return the body: nothing else of a request counts here."""
        return content

    async def send(self, request: Any, *, stream: bool, follow_redirects: bool) -> Any:  # noqa: ARG002
        """Measure the body, forget it, and accept."""
        size = 0
        async for piece in request:
            size += len(piece)
        self.largest = max(self.largest, size)
        return _Accepted()


class _Accepted:
    status_code = 200
    headers: dict[str, str] = {}  # noqa: RUF012 -- never written to

    @property
    def stream(self) -> AsyncIterator[bytes]:
        return self._body()

    async def _body(self) -> AsyncIterator[bytes]:
        yield _ACCEPTED

    async def aclose(self) -> None:
        """There is nothing to close."""


class _NeverRetrying(Retrying):
    """Ends a rehearsal in which an attempt failed: without a network none can, but by our own fault."""

    def on_retry(self, event: RetryEvent) -> None:
        """Give up."""
        raise RuntimeError(f"the rehearsal failed: {event.reason}")


async def rehearse(sending: Sending, shown: Display) -> tuple[Ending, int]:
    """Go through a send without sending. `accepted` is then who would be sent to.

    Args:
        sending: what would be sent.
        shown: told of progress.

    Returns:
        How it ended, and the bytes of the largest request.

    Raises:
        BadInputError: the ids cannot be read to their end, or one of them breaks a rule.
    """
    nowhere, retrying = Nowhere(), _NeverRetrying()
    offline = sending.with_changes(
        client={
            "http_client": nowhere,
            "transport": "httpx",
            "rate_limit": None,
            "hooks": retrying,
        },
        run={
            "concurrency": 1,
            "deadline": None,
            "on_rejected": "report",
            "journal": None,
            "store_ids": False,
            "retry_rejected": False,
            "resend_in_doubt": False,
        },
    )
    async with offline.open_client() as client:
        with naming(sending.names):
            run = offline.fan_out(client)
        ending = await watch(run, shown, retrying, drains=False)
    if ending.error is not None:
        with naming(sending.names):
            raise ending.error
    return ending, nowhere.largest
