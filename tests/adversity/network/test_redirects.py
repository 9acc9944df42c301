"""Redirects: the body holds the token, so nobody follows one, whoever brought the HTTP client."""

from pathlib import Path

import pytest
from fault_server import FaultServer, Script, accept, answer, fault_server, processed
from fault_server.certificates import serving, trusting
from wire_clients import Way, each_way

from adversity.network.one_doubt import each_side
from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import RunStoppedError

PATH = "/json/1.3/createMessage"


def redirect(status: int, url: str, *, taken: bool) -> Script:
    """Send the client elsewhere."""
    script = answer(status, b"", [("Location", url + PATH)])
    return processed(script) if taken else script


async def led_astray(trial: Trial) -> None:
    """Send; the first request is redirected, and that ends the run. Then the redirect is mended."""
    told = await trial.send()
    assert isinstance(told.error, RunStoppedError)
    assert (told.report.in_doubt, told.report.not_sent) == (10, 30)
    assert told.report.requests == 1
    again = await trial.end_well()
    assert again.report.accepted == 40


def got(other: FaultServer) -> str:
    """Tell what a server got that should get nothing."""
    return f"the other server got {other.connections} connections, {other.bytes_received} bytes"


@each_side
@each_way
@pytest.mark.parametrize(
    "status",
    [
        *(pytest.param(each, marks=pytest.mark.row("N24")) for each in (301, 302, 303)),
        *(pytest.param(each, marks=pytest.mark.row("N25")) for each in (307, 308)),
    ],
)
async def test_to_another_host(
    tmp_path: Path, story: Story, way: Way, status: int, taken: bool
) -> None:
    """The other host gets no connection and no byte; the run stops, since all would end so."""
    async with fault_server(default=accept) as other, fault_server(default=accept) as server:
        server.play(redirect(status, other.url.replace("127.0.0.1", "localhost"), taken=taken))
        await led_astray(Trial(tmp_path, server, story, way=way, concurrency=1))

        assert (other.connections, other.bytes_received) == (0, 0)
        story.saw(got(other))


@each_side
@each_way
@pytest.mark.row("N26")
async def test_out_of_tls(tmp_path: Path, story: Story, way: Way, taken: bool) -> None:
    """The same host without TLS gets no byte either."""
    async with (
        fault_server(default=accept) as plain,
        fault_server(default=accept, tls=serving()) as server,
    ):
        server.play(redirect(307, plain.url, taken=taken))
        await led_astray(
            Trial(tmp_path, server, story, way=way, concurrency=1, ssl_context=trusting())
        )

        assert (plain.connections, plain.bytes_received) == (0, 0)
        story.saw(got(plain))
