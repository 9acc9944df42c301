"""What answers: a loopback server that costs as little as possible, accepts all, and counts.

It runs as a process of its own (`benchmarks/loopback.py` starts it), prints its port, and is led by
lines on its standard input: `begin LATENCY` starts counting anew, `counts` asks for the counts.
Both are answered with the counts as one line of JSON. The end of the input ends the process.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass

from benchmarks.http1 import END_OF_HEAD, body_length

_BODY = (
    b'{"status_code":200,"status_message":"OK","response":{"Messages":["C3F8-C3863ED4-2F5BA93A"]}}'
)
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY)
) + _BODY

# asyncio listens with 100; 256 clients connecting at once would overflow it and wait a second.
_BACKLOG = 1024


@dataclass(slots=True)
class Counts:
    """What the server saw since `begin`."""

    connections: int = 0
    requests: int = 0
    body_bytes: int = 0


class Service:
    """What the connections share: how long an answer takes, and the counts of the present run."""

    def __init__(self) -> None:
        self.latency = 0.0
        self.counts = Counts()

    def obey(self, line: str) -> str:
        """Carry out one control line and give the answer."""
        if line.startswith("begin "):
            self.latency = float(line.removeprefix("begin "))
            self.counts = Counts()
        return json.dumps(asdict(self.counts))


class Connection(asyncio.Protocol):
    """Counts the bytes of each body without keeping them, then answers after the latency."""

    transport: asyncio.Transport

    def __init__(self, service: Service) -> None:
        self._service = service
        self._head = b""
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it on accept: a connection that never carries a request is one all the same."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._service.counts.connections += 1

    def data_received(self, data: bytes) -> None:
        """Take the next piece, wherever in a request it begins and ends."""
        while data:
            data = self._read_body(data) if self._missing else self._read_head(data)

    def _read_head(self, data: bytes) -> bytes:
        self._head += data
        end = self._head.find(END_OF_HEAD)
        if end < 0:
            return b""
        rest = self._head[end + len(END_OF_HEAD) :]
        self._missing = body_length(self._head[:end])
        self._head = b""
        self._service.counts.body_bytes += self._missing
        if not self._missing:
            self._answer()
        return rest

    def _read_body(self, data: bytes) -> bytes:
        rest = data[self._missing :]
        self._missing -= len(data) - len(rest)
        if not self._missing:
            self._answer()
        return rest

    def _answer(self) -> None:
        self._service.counts.requests += 1
        if self._service.latency:
            loop = asyncio.get_running_loop()
            loop.call_later(self._service.latency, self.transport.write, _RESPONSE)
        else:
            self.transport.write(_RESPONSE)


async def serve() -> None:
    """Serve on a free loopback port until the standard input ends."""
    loop = asyncio.get_running_loop()
    service = Service()
    server = await loop.create_server(lambda: Connection(service), "127.0.0.1", 0, backlog=_BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async for line in orders:
        print(service.obey(line.decode().strip()), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
