"""What can the API say, at its own level? Answers in its envelope, and rules for who gets which."""

import asyncio
import json
from collections.abc import Callable, Sequence

from .connection import Connection
from .processing import accept
from .scripts import Script, answer, http
from .seen_request import SeenRequest


def envelope(code: object, message: str = "Said", response: object = None) -> bytes:
    """Write a body in the API's shape."""
    said = {"status_code": code, "status_message": message, "response": response}
    return json.dumps(said).encode()


def says(code: object, message: str = "Said", response: object = None) -> Script:
    """Answer HTTP 200 with a body in the API's shape."""
    return answer(200, envelope(code, message, response))


def while_true(condition: Callable[[], bool], script: Script, then: Script = accept) -> Script:
    """Play one script while something is so, another once it is not."""

    async def chosen(connection: Connection) -> None:
        await (script if condition() else then)(connection)

    return chosen


def token_of(request: SeenRequest) -> object:
    """Return the token that a request carries."""
    return json.loads(request.body)["request"]["auth"]


def only_for(token: str, refusal: bytes) -> Script:
    """Do what a request with this token asks for; answer all others so."""

    async def guarded(connection: Connection) -> None:
        request = await connection.read_request()
        known = token_of(request) == token
        await connection.send(connection.server.ledger.take(request) if known else refusal)

    return guarded


def accepting_with(answer_to: Callable[[SeenRequest], object]) -> Script:
    """Do what is asked for, and answer 200 with a response made of the request."""

    async def taking(connection: Connection) -> None:
        request = await connection.read_request()
        connection.server.ledger.take(request)
        await connection.send(http(200, envelope(200, "OK", answer_to(request))))

    return taking


def committed_late(by: float, pass_time: Callable[[float], None], reply: bytes) -> Script:
    """Let the API take a request so many seconds after it came, in a test's own time; answer this."""

    async def late(connection: Connection) -> None:
        request = await connection.read_request()
        pass_time(by)
        connection.server.ledger.take(request)
        await connection.send(reply)

    return late


def losing_first_answers() -> Script:
    """Take each message and lose the answer to its first request; answer the repeats as the API does.

    Of every other transactionId, beginning with the first; the rest is answered at once.
    """
    loses: dict[tuple[str, ...], bool] = {}

    async def losing(connection: Connection) -> None:
        request = await connection.read_request()
        reply = connection.server.ledger.take(request)
        name = request.transaction_ids
        loses.setdefault(name, len(loses) % 2 == 0)
        if loses[name]:
            loses[name] = False
            connection.reset()
        else:
            await connection.send(reply)

    return losing


def mixed_up(odd: bytes) -> Script:
    """Answer oddly, and the next request on this connection with the answer to another's."""

    async def mixing(connection: Connection) -> None:
        await connection.read_request()
        await connection.send(odd)
        if await connection.has_data():
            await connection.read_request()
            await connection.send(http(200, envelope(200, "OK", {"Messages": ["OF-ANOTHER"]})))

    return mixing


def swapped() -> Script:
    """Take two requests, and give each the answer to the other."""
    replies: list[asyncio.Future[bytes]] = []

    async def swapping(connection: Connection) -> None:
        request = await connection.read_request()
        mine = asyncio.get_running_loop().create_future()
        replies.append(mine)
        place = len(replies) - 1
        mine.set_result(connection.server.ledger.take(request))
        await connection.server.until(lambda: len(replies) > place ^ 1)
        await connection.send(replies[place ^ 1].result())

    return swapping


def accept_with(headers: Sequence[tuple[str, str]]) -> Script:
    """Do what is asked for, and add headers to the answer."""
    lines = "".join(f"\r\n{name}: {value}" for name, value in headers).encode("latin-1")

    async def taking(connection: Connection) -> None:
        reply = connection.server.ledger.take(await connection.read_request())
        head, end, body = reply.partition(b"\r\n\r\n")
        await connection.send(head + lines + end + body)

    return taking
