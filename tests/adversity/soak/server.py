"""The server of a soak, as a program of its own: ``python -m adversity.soak.server LEDGER SEED``.

It writes a line for each notification into its ledger, and takes orders as lines of JSON on standard
input; each is answered by a line that says how things are. It ends with its standard input.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from attrs import asdict, field, frozen
from fault_server import FaultServer, Ledger, fault_server
from fault_server.seen_request import SeenRequest

from adversity.soak.weather import Sky


@frozen
class FiledLedger(Ledger):
    """A ledger that needs no memory: what arrives is in a file before it is answered."""

    path: Path = field(kw_only=True)

    def take(self, request: SeenRequest) -> bytes:
        """See `Ledger`; an answer to a repeat has its first code."""
        answer = super().take(request)
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(asdict(each))}\n" for each in self.arrivals)
        self.arrivals.clear()
        return answer


def _token_of(body: bytes) -> str:
    token: str = json.loads(body)["request"]["auth"]
    return token


class Program:
    """The server and who gives it orders."""

    def __init__(self, ledger: FiledLedger, sky: Sky) -> None:
        self._ledger = ledger
        self._sky = sky
        self._port = 0

    async def run(self) -> None:
        """Serve until there are no more orders; an order to restart is carried out in between."""
        orders = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
        )
        down: float | None = 0.0
        while down is not None:
            await asyncio.sleep(down)
            async with fault_server(
                default=self._sky.script, ledger=self._ledger, port=self._port
            ) as server:
                self._port = server.port
                self._tell(server)
                down = await self._obey(orders, server)

    async def _obey(self, orders: asyncio.StreamReader, server: FaultServer) -> float | None:
        """Return for how many seconds to be down, or None where there are no more orders."""
        while line := await orders.readline():
            order = json.loads(line)
            if "down" in order:
                down: float = order["down"]
                return down
            self._sky.weather = order.get("weather", self._sky.weather)
            self._sky.pause = order.get("pause", self._sky.pause)
            self._tell(server)
        return None

    def _tell(self, server: FaultServer) -> None:
        state: dict[str, Any] = {
            "url": server.url,
            "open": server.open,
            "requests": self._sky.requests,
            "peak": self._sky.peak,
        }
        self._sky.peak = 0
        sys.stdout.write(f"{json.dumps(state)}\n")
        sys.stdout.flush()


def main() -> None:
    """Take the two arguments, and serve."""
    ledger = FiledLedger(path=Path(sys.argv[1]))
    asyncio.run(Program(ledger, Sky(int(sys.argv[2]), _token_of)).run())


if __name__ == "__main__":
    main()
