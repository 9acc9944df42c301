"""The environment says where proxies, certificates and key logs are: nobody listens unless asked to."""

import select
import socket
import ssl
from contextlib import closing
from pathlib import Path

import pytest
from canary import CONTENT, TOKEN, USER
from fault_server import fault_server
from fault_server.certificates import authority, serving
from wire_clients import NOTE, Way, each_own_way, open_client

from adversity.story import Story
from pushwoosh_async import TransportError
from pushwoosh_async.cli.app import run

from .hostile_api import comply
from .hostile_api import serving as serving_in_a_thread

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    """A file with the authority that only the tests trust."""
    path = str(tmp_path / "ca.pem")
    authority().cert_pem.write_to_path(path)
    return path


@pytest.mark.row("R9")
@each_own_way
async def test_the_key_log_is_written_for_who_asks_only(
    way: Way, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: str, story: Story
) -> None:
    """With the keys a recording can be read; the standard library logs them unasked."""
    log = tmp_path / "keys"
    tls = serving()
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    lines: list[int] = []
    async with fault_server(tls=tls) as server:
        for trust_env in (False, True):
            async with open_client(way, server.url, trust_env=trust_env) as client:
                try:
                    await client.create_message(NOTE)
                except TransportError:
                    assert not trust_env  # without it, nobody said whom to trust
            found = log.read_text() if log.exists() else ""
            lines.append(found.count("TRAFFIC_SECRET"))
    assert lines[0] == 0 < lines[1]
    story.saw(f"{lines[0]} keys in it; with trust_env {'some' if lines[1] else 'none'}")


@pytest.mark.row("R9")
@each_own_way
async def test_a_context_of_the_users_keeps_its_key_log(
    way: Way, tmp_path: Path, story: Story
) -> None:
    """Who made a context with a log wants one: it is not ours to take away."""
    log = tmp_path / "keys"
    context = ssl.create_default_context()
    authority().configure_trust(context)
    context.keylog_filename = str(log)
    async with (
        fault_server(tls=serving()) as server,
        open_client(way, server.url, ssl_context=context) as client,
    ):
        await client.create_message(NOTE)
    keys = log.read_text().count("TRAFFIC_SECRET")
    assert keys > 0
    story.saw(f"with an ssl_context of the user's that has one: {min(keys, 1) and 'some'}")


@pytest.mark.row("R11")
@each_own_way
async def test_certificates_of_the_environment_are_not_trusted(
    way: Way, monkeypatch: pytest.MonkeyPatch, bundle: str, story: Story
) -> None:
    """SSL_CERT_FILE would let whoever sets a variable read the token."""
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    monkeypatch.setenv("SSL_CERT_DIR", str(Path(bundle).parent))
    async with fault_server(tls=serving()) as server:
        async with open_client(way, server.url) as client:
            with pytest.raises(TransportError) as caught:
                await client.create_message(NOTE)
            assert (caught.value.permanent, server.bytes_received) == (True, 0)
            story.saw(f"certificates: {server.bytes_received} bytes sent to whom they vouch for")
        async with open_client(way, server.url, trust_env=True) as client:
            assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


@pytest.mark.row("R11")
@pytest.mark.parametrize("command", ["create-message", "send"])
def test_no_command_goes_through_a_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, story: Story, command: str
) -> None:
    """Nor takes a name and password from a .netrc."""
    users, netrc = tmp_path / "users.txt", tmp_path / "netrc"
    users.write_text(USER)
    netrc.write_text("default login somebody password secret\n")
    whom = {"create-message": ["--user", USER], "send": ["--users", str(users)]}[command]
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as proxy,
        serving_in_a_thread(comply) as url,
    ):
        for name in PROXIES:
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("PUSHWOOSH_API_TOKEN", TOKEN)
        monkeypatch.setenv("PUSHWOOSH_APPLICATION", "XXXXX-XXXXX")
        assert run([command, *whom, "--content", CONTENT, "--base-url", url]) == 0
        came, _, _ = select.select([proxy], [], [], 0)
    assert came == []
    story.saw(f"proxies: {len(came)} connections")
