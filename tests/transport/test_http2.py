"""An injected client that speaks HTTP/2: many requests on one connection, each answer by its own name."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from attrs import define, field
from fault_server.certificates import serving, trusting
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, StreamEnded
from wire_clients import PATIENCE

from pushwoosh_async import Notification, PushwooshClient, RetryPolicy

AT_ONCE = 16
ACCEPTED = {"status_code": 200, "status_message": "OK", "response": {"Messages": ["CODE-1"]}}


@define
class MultiplexedServer:
    """Refuses the first request with a 503, and answers the others once all of them are there.

    Attributes:
        connections: how many were made.
        requests: how many came.
    """

    connections: int = 0
    requests: int = 0
    all_there: asyncio.Event = field(factory=asyncio.Event)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak HTTP/2 until the client closes."""
        self.connections += 1
        spoken = H2Connection(H2Configuration(client_side=False))
        spoken.initiate_connection()
        async with asyncio.TaskGroup() as answers:
            writer.write(spoken.data_to_send())
            while data := await reader.read(65536):
                for event in spoken.receive_data(data):
                    if isinstance(event, DataReceived):
                        spoken.acknowledge_received_data(
                            event.flow_controlled_length, event.stream_id
                        )
                    if isinstance(event, StreamEnded):
                        self.requests += 1
                        answers.create_task(self._answer(spoken, writer, event.stream_id))
                writer.write(spoken.data_to_send())
        writer.close()

    async def _answer(self, spoken: H2Connection, writer: asyncio.StreamWriter, name: int) -> None:
        first = self.requests == 1
        if self.requests == AT_ONCE:
            self.all_there.set()
        await self.all_there.wait()
        body = b"busy" if first else json.dumps(ACCEPTED).encode()
        if not first:
            await asyncio.sleep(0)  # the refusal goes out before them
        headers = [(":status", "503" if first else "200"), ("content-length", str(len(body)))]
        spoken.send_headers(name, headers)
        spoken.send_data(name, body, end_stream=True)
        writer.write(spoken.data_to_send())


@asynccontextmanager
async def multiplexed(tls: ssl.SSLContext) -> AsyncIterator[tuple[MultiplexedServer, str]]:
    """Run such a server; give it, and its address."""
    tls.set_alpn_protocols(["h2"])
    server = MultiplexedServer()
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield server, f"https://127.0.0.1:{port}"
    finally:
        listening.close()


async def test_an_odd_answer_harms_no_other_request() -> None:
    """The connection is everybody's: it is not closed for one of them, which alone is repeated."""
    async with (
        asyncio.timeout(PATIENCE),
        multiplexed(serving()) as (server, url),
        httpx.AsyncClient(http2=True, verify=trusting(), trust_env=False) as injected,
        PushwooshClient(
            api_token="TOKEN-OF-THE-TESTS",
            application="AAAAA-BBBBB",
            base_url=url,
            http_client=injected,
            max_connections=AT_ONCE,
            rate_limit=None,
            retry=RetryPolicy(base_delay=0.001, max_delay=0.01),
        ) as client,
    ):
        report = await client.fan_out(
            Notification(content="Hi"),
            users=[f"u{number}" for number in range(AT_ONCE)],
            chunk_size=1,
            concurrency=AT_ONCE,
        )

        assert (report.accepted, report.accepted_on_repeat, report.retries) == (AT_ONCE, 1, 1)
        assert (server.connections, server.requests) == (1, AT_ONCE + 1)
