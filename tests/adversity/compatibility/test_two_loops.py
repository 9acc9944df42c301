"""Two event loops in one process: one after the other, side by side, and one that is not the client's."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trio
from anyio.from_thread import start_blocking_portal
from fault_server import Connection, accept, answer, fault_server, processed, reset_after_body
from wire_clients import APPLICATION, NOTE, WAYS, Way, each_way, open_client

from adversity.story import Story
from adversity.trial import HELLO, Trial
from pushwoosh_async import BatchingSender, ConfigurationError, PushwooshClient

from .serving import serving

PATIENCE = 20.0  # seconds; a bound for threads that meet at once
REFUSED = answer(401, b'{"status_code":401,"status_message":"Unauthorized","response":null}')
OTHER_LOOP = "it belongs to another event loop; make one per loop"
Work = Callable[[], Awaitable[object]]


async def refusals(*works: Work) -> list[str]:
    """Return with which words each is refused, as what certainly sent nothing."""
    words = []
    for work in works:
        with pytest.raises(ConfigurationError) as caught:
            await work()
        assert caught.value.delivery == "not_sent"
        words.append(str(caught.value))
    return words


@pytest.mark.row("C1")
@each_way
def test_one_after_the_other(tmp_path: Path, story: Story, way: Way) -> None:
    """A run is stopped in the first loop; a client in the second goes on with its journal."""
    with serving(accept, processed(reset_after_body), accept, REFUSED) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1)
        told = asyncio.run(trial.send())
        assert (told.report.accepted, told.report.not_sent) == (20, 20)

        asyncio.run(trial.end_well())
        assert [each.verdict for each in server.ledger.arrivals].count("replay") == 1


@pytest.mark.row("C2")
@pytest.mark.parametrize("ways", [WAYS[:2], WAYS[2:]], ids="-".join)
def test_side_by_side(tmp_path: Path, story: Story, ways: Sequence[Way]) -> None:
    """Each waits for its answer while the other does; each loses one, and repeats its own."""
    both = threading.Barrier(2, timeout=PATIENCE)

    async def together(connection: Connection) -> None:
        await asyncio.to_thread(both.wait)
        await reset_after_body(connection)

    async def one(way: Way) -> tuple[int, int]:
        folder = tmp_path / way
        folder.mkdir()
        async with fault_server(processed(together), default=accept) as server:
            trial = Trial(folder, server, story, way=way, timeout=PATIENCE / 2)
            told = await trial.send()
            await trial.end_well()
            return told.report.accepted, told.report.accepted_on_repeat

    with ThreadPoolExecutor(2) as threads:
        ended = list(threads.map(lambda way: asyncio.run(one(way)), ways))
    assert ended == [(40, 10), (40, 10)]


@pytest.mark.row("C3")
@each_way
def test_a_client_on_another_loop(tmp_path: Path, story: Story, way: Way) -> None:
    """To close it is refused as well: its connections are watched by a loop that runs elsewhere."""
    with serving() as server, start_blocking_portal() as home:
        with home.wrap_async_context_manager(open_client(way, server.url)) as client:
            home.call(client.create_message, NOTE)
            words = asyncio.run(
                refusals(
                    lambda: client.create_message(NOTE),
                    lambda: _run(client, tmp_path / "journal"),
                    client.aclose,
                )
            )
            assert words == [f"client: {OTHER_LOOP}"] * 3
            assert len(server.requests) == 1

            home.call(client.create_message, NOTE)
        assert len(server.requests) == 2
    story.saw(f"a call, a run and closing: {words[0]!r}; then served in its own loop")


async def _run(client: PushwooshClient, journal: Path) -> None:
    await client.fan_out(HELLO, users=["u1"], journal=journal, concurrency=1)


@pytest.mark.row("C3")
def test_a_sender_on_another_loop(story: Story) -> None:
    """Its tasks run elsewhere; whoever waits there is not disturbed."""
    with serving() as server, start_blocking_portal() as home:
        opened = open_client("httpx", server.url)
        with home.wrap_async_context_manager(opened) as client:
            batching = BatchingSender(client, concurrency=1)
            with home.wrap_async_context_manager(batching) as sender:
                words = asyncio.run(
                    refusals(lambda: sender.send(HELLO, user="u1"), sender.flush, sender.aclose)
                )
                assert words == [f"sender: {OTHER_LOOP}"] * 3

                home.call(lambda: sender.send(HELLO, user="u1"))
        assert server.ledger.sent_to() == {"u1": 1}
    story.saw(f"a send, a flush and closing: {words[0]!r}; then served in its own loop")


@pytest.mark.row("C11")
def test_a_client_on_trio(tmp_path: Path, story: Story) -> None:
    """What waits and what sends would run there; our tasks and connections are asyncio's."""
    with serving() as server:
        client = PushwooshClient(
            api_token="token", application=APPLICATION, base_url=server.url, rate_limit=None
        )

        async def enter() -> None:
            await BatchingSender(client).__aenter__()

        words = trio.run(
            refusals,
            lambda: client.create_message(NOTE),
            lambda: _run(client, tmp_path / "journal"),
            enter,
        )
        trio.run(client.aclose)
        needs = "it runs on asyncio, and no event loop of asyncio runs here"
        assert words == [f"client: {needs}", f"client: {needs}", f"sender: {needs}"]
        assert server.requests == []
    story.saw(f"a call and a run: {words[0]!r}; a sender: {words[2]!r}")
