"""What answers: a loopback server that costs as little as possible, accepts, and counts.

It runs as a process of its own (`benchmarks/loopback.py` starts it), prints its ports (plain, and TLS
where it was given a certificate), and is led by lines on its standard input: `begin TERMS` starts
counting anew, `counts` asks for the counts. Both are answered with the counts as one line of JSON. The
end of the input ends the process.
"""

import asyncio
import json
import ssl
import sys
from collections import deque
from dataclasses import dataclass
from functools import cache

from benchmarks.http1 import END_OF_HEAD, body_length
from benchmarks.tally import Tally

# asyncio listens with 100; 256 clients connecting at once would overflow it and wait a second.
_BACKLOG = 1024

LIMIT = 600  # createMessage requests a minute, by the vendor
_CODE = '"C3F8-C3863ED4-2F5BA93A"'


@dataclass(frozen=True, slots=True)
class Terms:
    """How requests are answered.

    Attributes:
        latency: seconds before an answer.
        inspect: bodies are kept until they are whole, and counted; else only their bytes are.
        minute: seconds in which at most `LIMIT` requests are accepted; 0 for no limit.
    """

    latency: float = 0.0
    inspect: bool = False
    minute: float = 0.0


class Ceiling:
    """A sliding window: a request is refused if `LIMIT` were accepted in the minute before it."""

    def __init__(self, minute: float) -> None:
        self._minute = minute
        self._accepted: deque[float] = deque()
        self._first: float | None = None

    def admit(self, now: float) -> bool:
        """Whether a request is accepted at this time."""
        while self._accepted and self._accepted[0] <= now - self._minute:
            self._accepted.popleft()
        if len(self._accepted) >= LIMIT:
            return False
        self._accepted.append(now)
        if self._first is None:
            self._first = now
        return True

    def in_first_minute(self, now: float) -> bool:
        """Whether this lies in the minute that the first accepted request began."""
        return self._first is not None and now < self._first + self._minute


class Service:
    """What the connections share: the terms, and the counts of the present run."""

    def __init__(self) -> None:
        self.begin(Terms())

    def begin(self, terms: Terms) -> None:
        """Start anew."""
        self.terms = terms
        self.tally = Tally()
        self.counts = self.tally.counts
        self._ceiling = Ceiling(terms.minute) if terms.minute else None

    def obey(self, line: str) -> str:
        """Carry out one control line and give the answer."""
        if line.startswith("begin "):
            self.begin(Terms(**json.loads(line.removeprefix("begin "))))
        return self.tally.show()

    def answer(self, body: bytes) -> bytes:
        """Count one request, and give what it is answered."""
        self.counts.requests += 1
        if not self.terms.inspect:
            return answered(1)
        now = asyncio.get_running_loop().time()
        if self._ceiling is not None and not self._ceiling.admit(now):
            self.counts.refused += 1
            return _REFUSED
        in_minute = self._ceiling is not None and self._ceiling.in_first_minute(now)
        return answered(self.tally.accept(body, in_minute=in_minute))


@cache
def answered(codes: int) -> bytes:
    """An acceptance with so many message codes."""
    messages = ",".join([_CODE] * codes)
    text = f'{{"status_code":200,"status_message":"OK","response":{{"Messages":[{messages}]}}}}'
    return _response("200 OK", text)


def _response(status: str, text: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
    return f"{head}\r\n\r\n{text}".encode()


_REFUSED = _response("429 Too Many Requests\r\nRetry-After: 1", "{}")


class Connection(asyncio.Protocol):
    """Takes one request after another; a body is kept only where it is inspected."""

    transport: asyncio.Transport

    def __init__(self, service: Service) -> None:
        self._service = service
        self._head = b""
        self._missing = 0
        self._parts: list[bytes] = []

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
        if self._service.terms.inspect:
            self._parts.append(data[: self._missing])
        self._missing -= len(data) - len(rest)
        if not self._missing:
            self._answer()
        return rest

    def _answer(self) -> None:
        answer = self._service.answer(b"".join(self._parts))
        self._parts.clear()
        if latency := self._service.terms.latency:
            asyncio.get_running_loop().call_later(latency, self.transport.write, answer)
        else:
            self.transport.write(answer)


async def serve(certificate: str | None) -> None:
    """Serve on free loopback ports until the standard input ends."""
    loop = asyncio.get_running_loop()
    service = Service()
    contexts: list[ssl.SSLContext | None] = [None]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        contexts.append(context)
    servers = [
        await loop.create_server(
            lambda: Connection(service), "127.0.0.1", 0, backlog=_BACKLOG, ssl=each
        )
        for each in contexts
    ]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async for line in orders:
        print(service.obey(line.decode().strip()), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(next(iter(sys.argv[1:]), None)))
