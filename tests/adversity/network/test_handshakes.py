"""TLS that does not stand, or stands with the wrong one: who must not get the token gets no byte of it."""

import gc
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from fault_server import (
    Connection,
    Script,
    accept,
    fault_server,
    hang,
    over_tls,
    reset_on_accept,
)
from fault_server.certificates import (
    authority,
    demanding_a_certificate,
    self_signed,
    serving,
    trusting,
)
from wire_clients import Way, each_own_way

from adversity.network.one_doubt import TIMEOUT
from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import RunStoppedError


class Hellos:
    """Counts the handshakes that clients begin.

    Attributes:
        count: so far.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.count = 0
        context.sni_callback = self._heard

    def _heard(self, _: object, __: object, context: ssl.SSLContext) -> None:
        self.count += 1
        if self.count == 2:
            # From the next connection on; a context that asked for no certificate goes on so.
            context.verify_mode = ssl.CERT_NONE


@each_own_way
@pytest.mark.parametrize(
    "untrusted",
    [
        lambda: serving(ca=trustme.CA()),
        lambda: serving(expired=True),
        lambda: serving("api.example.com"),
        lambda: serving("127.0.0.2"),
        self_signed,
    ],
    ids=["unknown authority", "expired", "wrong name", "wrong address", "self-signed"],
)
@pytest.mark.row("N27")
async def test_a_certificate_nobody_should_trust(
    tmp_path: Path, story: Story, way: Way, untrusted: Callable[[], ssl.SSLContext]
) -> None:
    """The run ends at the first handshake, and goes on once the certificate was mended."""
    tls = untrusted()
    hellos = Hellos(tls)
    async with fault_server(tls=tls, default=accept) as server:
        trial = Trial(
            tmp_path, server, story, way=way, concurrency=1, ssl_context=trusting(), timeout=5
        )
        told = await trial.send()

        assert isinstance(told.error, RunStoppedError)
        assert (told.report.not_sent, told.report.in_doubt) == (40, 0)
        assert (hellos.count, server.bytes_received) == (1, 0)
        seen = f"{hellos.count} handshake, {server.bytes_received} bytes of a request"
        authority().issue_cert("127.0.0.1").configure_cert(tls)
        assert (await trial.end_well()).report.accepted == 40
        story.saw(seen)


async def reset_in_handshake(connection: Connection) -> None:
    """Read the client's hello and reset."""
    await connection.receive()
    connection.reset()


async def close_in_handshake(connection: Connection) -> None:
    """Read the client's hello and close."""
    await connection.receive()
    connection.close()


@pytest.fixture
def handshakes_cut_short() -> Iterator[None]:
    """Collect the sockets whose handshake httpcore was cancelled in: it leaves them to the collector."""
    yield
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("handshakes_cut_short")
@each_own_way
@pytest.mark.parametrize(
    "script",
    [
        reset_on_accept,
        reset_in_handshake,
        close_in_handshake,
        pytest.param(hang, marks=pytest.mark.slow),
    ],
)
@pytest.mark.row("N28")
async def test_a_handshake_that_fails(
    tmp_path: Path, story: Story, way: Way, script: Script
) -> None:
    """Nothing of a request has left: not sent, tried again, and nothing is in doubt."""
    sound = over_tls(serving(), accept)
    async with fault_server(script, scheme="https", default=sound) as server:
        trial = Trial(
            tmp_path,
            server,
            story,
            way=way,
            sound=sound,
            ssl_context=trusting(),
            timeout=TIMEOUT if script is hang else 5,
        )
        told = await trial.send()

        # Where two connect at once, how many meet the fault is for the event loop to say.
        assert set(told.failures) == {"not sent"}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        assert len(server.requests) == 4
        await trial.end_well()


@each_own_way
@pytest.mark.row("N29")
async def test_a_client_refused_behind_its_body(tmp_path: Path, story: Story, way: Way) -> None:
    """To TLS 1.3 the handshake is over before the server looks: the request is gone by then."""
    tls = demanding_a_certificate()
    hellos = Hellos(tls)
    async with fault_server(tls=tls, default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1, ssl_context=trusting())
        told = await trial.send()

        assert dict(told.failures) == {"in doubt": 2}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        assert len(server.requests) == 4
        await trial.end_well()
        story.saw(f"{hellos.count} handshakes")
