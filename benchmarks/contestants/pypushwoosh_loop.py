"""The vendor's own synchronous library, `pypushwoosh`: one call after another, 1000 users each.

It opens a connection for every call, and has no more than one request in flight, whatever is asked.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from pypushwoosh.client import PushwooshClient
from pypushwoosh.command import CreateMessageForApplicationCommand
from pypushwoosh.notification import Notification

from benchmarks.contestants import Prepare, Send
from benchmarks.loopback import Place
from benchmarks.workload import APPLICATION, CONTENT, TOKEN, Audience


class Caller:
    """The library's client, led to another server."""

    def __init__(self, place: Place) -> None:
        address = urlsplit(place.url)
        self._client = PushwooshClient()
        self._client.scheme, self._client.hostname = address.scheme, address.netloc

    def send(self, users: Sequence[str], content: str = CONTENT) -> None:
        """One createMessage, as its README shows."""
        notification = Notification()
        notification.content = content
        notification.users = users
        command = CreateMessageForApplicationCommand(notification, APPLICATION)
        command.auth = TOKEN
        answer = self._client.invoke(command)
        assert answer["status_code"] == 200


@asynccontextmanager
async def open_client(place: Place, in_flight: int) -> AsyncIterator[Prepare]:
    """A client; it holds nothing open."""
    del in_flight
    caller = Caller(place)

    def prepare(audience: Audience) -> Send:
        async def send() -> None:
            for users in audience.slices():
                caller.send(users)

        return send

    yield prepare
