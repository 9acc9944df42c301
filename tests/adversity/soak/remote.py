"""How does a soak give orders to its server? The process is started, told the weather, and restarted."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import define, field, frozen

from .weather import Weather

_TESTS = Path(__file__).parents[2]
_PATIENCE = 30.0  # seconds; for a machine under load


@frozen(kw_only=True)
class State:
    """What the server says of itself.

    Attributes:
        url: where it is.
        open: connections.
        requests: so far.
        peak: of the requests that were answered at once, since it was asked last.
    """

    url: str
    open: int
    requests: int
    peak: int


@define
class Remote:
    """The server of a soak.

    Attributes:
        restarts: so far.
    """

    _process: asyncio.subprocess.Process
    _turn: asyncio.Lock = field(factory=asyncio.Lock)
    restarts: int = 0

    async def order(self, *, weather: Weather | None = None, pause: float | None = None) -> State:
        """Change the weather, or the time that a calm answer takes; return how things are."""
        given = {"weather": weather, "pause": pause}
        return await self._say({name: value for name, value in given.items() if value is not None})

    async def restart(self, down: float) -> None:
        """Cut every connection, be away for so many seconds, and come back on the same port."""
        await self._say({"down": down})
        self.restarts += 1

    async def _say(self, order: dict[str, object]) -> State:
        assert self._process.stdin is not None
        async with self._turn:
            self._process.stdin.write(f"{json.dumps(order)}\n".encode())
            return await self.heard()

    async def heard(self) -> State:
        """Return what the server says next."""
        assert self._process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            line = await self._process.stdout.readline()
        assert line, "the server of the soak has died; see its standard error"
        return State(**json.loads(line))


@asynccontextmanager
async def remote_server(ledger: Path, seed: int) -> AsyncIterator[tuple[Remote, str]]:
    """Start a server that writes its ledger into a file; give it and its URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "adversity.soak.server", str(ledger), str(seed)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_TESTS), *sys.path])},
    )
    assert process.stdin is not None
    try:
        remote = Remote(process)
        yield remote, (await remote.heard()).url
        process.stdin.close()
        async with asyncio.timeout(_PATIENCE):
            assert await process.wait() == 0, "the server of the soak ended badly"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
