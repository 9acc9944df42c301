"""What does the server of a soak do to each request? Dice decide, by the weather."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import Literal, TypeAlias

from fault_server import (
    Connection,
    Script,
    accept,
    answer,
    close_after_body,
    http,
    processed,
    raw,
    read_and_hang,
    reset_after_body,
    reset_after_headers,
    reset_on_accept,
)

Weather: TypeAlias = Literal["calm", "rough", "storm"]

EXPIRED = "expired"  # how a token begins that opens nothing any more
_REFUSED = b'{"status_code":210,"status_message":"Some argument","response":null}'
_LIMITED = b'{"status_code":429,"status_message":"Slow down","response":null}'
_FAILED = b'{"status_code":500,"status_message":"Internal error","response":null}'
_PAGE = b"<html>Please log in</html>"


async def _late(connection: Connection) -> None:
    await asyncio.sleep(0.1)
    await accept(connection)


def _cut_short(connection: Connection) -> None:
    connection.close()


_TRUNCATED = raw(http()[:-20], _cut_short)
_LIMIT = answer(429, _LIMITED, [("Retry-After", "0")])

# How many requests in a thousand; the others are accepted.
_ROUGH: tuple[tuple[int, Script], ...] = (
    (8, reset_on_accept),
    (8, reset_after_headers),
    (8, reset_after_body),
    (12, processed(reset_after_body)),
    (8, processed(close_after_body)),
    (3, processed(read_and_hang)),
    (3, read_and_hang),
    (8, answer(500, _FAILED)),
    (8, processed(answer(500, _FAILED))),
    (8, processed(_TRUNCATED)),
    (8, _TRUNCATED),
    (8, processed(answer(200, _PAGE))),
    (8, _LIMIT),
    (3, answer(200, _REFUSED)),
    (20, _late),
)
_WEATHERS: Mapping[Weather, tuple[tuple[int, Script], ...]] = {
    "calm": (),
    "rough": _ROUGH,
    "storm": ((500, _LIMIT), *_ROUGH),
}


class Sky:
    """The script of every request, and how many are in the air.

    Attributes:
        weather: decides how much goes wrong.
        pause: seconds before a calm answer.
        requests: how many came, in all.
        peak: of those that were being answered at once, since it was last set to 0.
    """

    def __init__(self, seed: int, token_of: Callable[[bytes], str]) -> None:
        """Begin calmly.

        Args:
            seed: of the dice.
            token_of: returns the token in a body.
        """
        self.weather: Weather = "calm"
        self.pause = 0.0
        self.requests = 0
        self.peak = 0
        self._now = 0
        self._dice = Random(seed)  # noqa: S311 -- nothing secret hangs on it
        self._token_of = token_of

    async def script(self, connection: Connection) -> None:
        """Do to one request what the weather brings."""
        self.requests += 1
        connection.server.requests.clear()  # in ten minutes they would fill the memory
        draw = self._dice.randrange(1000)
        for share, script in _WEATHERS[self.weather]:
            draw -= share
            if draw < 0:
                return await script(connection)
        return await self._accept(connection)

    async def _accept(self, connection: Connection) -> None:
        request = await connection.read_request()
        self._now += 1
        self.peak = max(self.peak, self._now)
        try:
            await asyncio.sleep(self.pause)
            expired = self._token_of(request.body).startswith(EXPIRED)
            taken = http(401, b"{}") if expired else connection.server.ledger.take(request)
            await connection.send(taken)
        finally:
            self._now -= 1
