"""When, within a script, does the API take what was read? Without one of these it never does."""

from collections.abc import Callable

from .connection import Connection
from .scripts import Script


async def accept(connection: Connection) -> None:
    """Read a request, send what it asks for, and answer as the API does."""
    request = await connection.read_request()
    await connection.send(connection.server.ledger.take(request))


def accept_as(
    change: Callable[[bytes], bytes], end: Callable[[Connection], None] | None = None
) -> Script:
    """Do as `accept` does, but send other bytes than the API's, and perhaps end the connection.

    Args:
        change: is given the true answer, head and all, and returns what is sent.
        end: what is done behind it.
    """

    async def script(connection: Connection) -> None:
        request = await connection.read_request()
        await connection.send(change(connection.server.ledger.take(request)))
        if end is not None:
            end(connection)

    return script


def processed(script: Script) -> Script:
    """Let the API take each request as soon as the script has read the whole of it.

    The script's own answer goes out all the same: it is what got in the way of the true one.
    """

    async def taking(connection: Connection) -> None:
        connection.takes = True
        try:
            await script(connection)
        finally:
            connection.takes = False

    return taking
