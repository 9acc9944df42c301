"""What can a script do with one connection? Read as much as it likes, and end it as it likes."""

import asyncio
import os
import socket
import ssl
import struct
from typing import TYPE_CHECKING, cast

from .seen_request import SeenRequest

if TYPE_CHECKING:
    from .server import FaultServer


class Connection:
    """One connection, in the hands of a script."""

    def __init__(
        self, server: "FaultServer", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self._reader = reader
        self._writer = writer
        self.is_over = False  # nothing more will be read or sent
        self.takes = False  # the API takes what is read
        self._unread = b""
        self._is_secure = False

    async def receive(self) -> bytes:
        """Return some bytes; none at the client's end of the connection."""
        if self._unread:
            data, self._unread = self._unread, b""
            return data
        try:
            data = await self._reader.read(65536)
        except (ConnectionError, ssl.SSLError):
            data = b""
        self.is_over |= not data
        self.server.note_bytes(len(data))
        return data

    async def has_data(self) -> bool:
        """Wait for the first byte of another request; False if the client closes instead."""
        self._unread = await self.receive()  # which returns what is unread already
        return bool(self._unread)

    async def read_head(self) -> SeenRequest:
        """Read a request's headers and what came in the same breath."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += await self._more()
        head, _, rest = data.partition(b"\r\n\r\n")
        request = SeenRequest(head, rest)
        self.server.note_request(request)
        return request

    async def read_request(self) -> SeenRequest:
        """Read one request with its whole body."""
        request = await self.read_head()
        await self.read_rest(request)
        return request

    async def read_rest(self, request: SeenRequest) -> None:
        """Read what is missing of a request's body, and no more."""
        while len(request.body) < request.length:
            request.body += await self._more()
        self._unread = request.body[request.length :]
        request.body = request.body[: request.length]
        if self.takes:
            self.server.ledger.take(request)
        self.server.note_change()

    async def _more(self) -> bytes:
        data = await self.receive()
        if not data:
            raise ConnectionResetError("the client closed")
        return data

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self._writer.write(data)
        await self._writer.drain()

    async def client_gone(self) -> None:
        """Wait until the client has closed; what it still sends is counted and dropped."""
        while await self.receive():
            pass

    async def leave_unread(self) -> None:
        """Wait until a whole request lies in the kernel's buffer, and leave it there."""
        self.pause()
        while not _is_whole(self._peek()):  # noqa: ASYNC110 -- a kernel rings no bell
            await asyncio.sleep(0.001)

    def _peek(self) -> bytes:
        with self._beside() as beside:
            try:
                return beside.recv(1 << 20, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                return b""

    async def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS from here on, unless it is spoken already; before anything was read."""
        if not self._is_secure:
            await self._writer.start_tls(context)
            self._is_secure = True

    def stop_listening(self) -> None:
        """Shut the server's read side: what the client sends from here on is lost."""
        with self._beside() as beside:
            beside.shutdown(socket.SHUT_RD)

    def half_close(self) -> None:
        """Send a FIN, and read on."""
        self._writer.write_eof()

    def close(self) -> None:
        """Send a FIN for good."""
        self.is_over = True
        self._writer.close()

    def reset(self) -> None:
        """Send a RST."""
        self.is_over = True
        with self._beside() as beside:
            beside.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def abort(self) -> None:
        """Drop what is buffered, and close."""
        self._writer.transport.abort()

    def pause(self) -> None:
        """Leave what comes in the socket's buffers."""
        self._transport.pause_reading()

    def resume(self) -> None:
        """Take bytes off the socket again."""
        self._transport.resume_reading()

    def _beside(self) -> socket.socket:
        """Return the connection's socket once more: an event loop's own knows less, uvloop's least."""
        return socket.socket(fileno=os.dup(self._writer.get_extra_info("socket").fileno()))

    @property
    def _transport(self) -> asyncio.ReadTransport:
        return cast(asyncio.ReadTransport, self._writer.transport)


def _is_whole(data: bytes) -> bool:
    head, end, rest = data.partition(b"\r\n\r\n")
    return bool(end) and len(rest) >= SeenRequest(head).length
