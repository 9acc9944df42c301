"""Connections that are reset: before, in and behind a request."""

from pathlib import Path

import pytest
from fault_server import (
    Connection,
    Script,
    accept,
    fault_server,
    reset_after_body,
    reset_after_headers,
    reset_on_accept,
    reset_unread,
)
from wire_clients import Way, each_own_way

from adversity.network.one_doubt import one_doubt
from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import Notification

# Too large for the buffers of the kernel and of the event loop: its last piece stays here.
LARGE = Notification(content="x" * 400_000)


async def one_part_sent(script: Script, folder: Path, story: Story, way: Way) -> None:
    """Reset a request of which the last piece never left."""
    async with fault_server(script, default=accept, tiny_buffers=True) as server:
        trial = Trial(
            folder, server, story, way=way, note=LARGE, count=20, concurrency=1, timeout=5
        )
        told = await trial.send()

        assert dict(told.failures) == {"not sent": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (20, 0)
        assert len(server.complete) == 2
        await trial.end_well()


@each_own_way
@pytest.mark.row("N5")
async def test_on_accept_with_the_last_piece_here(tmp_path: Path, story: Story, way: Way) -> None:
    """What has not left in full was not sent."""
    await one_part_sent(reset_on_accept, tmp_path, story, way)


@each_own_way
@pytest.mark.row("N5")
async def test_unread_with_the_last_piece_gone(tmp_path: Path, story: Story, way: Way) -> None:
    """The server read nothing, but that is what the sender cannot know."""
    async with fault_server(reset_unread, default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way)
        told = await trial.send()

        assert dict(told.failures) == {"in doubt": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        assert len(server.requests) == 4
        await trial.end_well()


@each_own_way
@pytest.mark.row("N6")
async def test_behind_the_headers_with_the_last_piece_here(
    tmp_path: Path, story: Story, way: Way
) -> None:
    """The server has the headers only: not sent, and tried anew."""
    await one_part_sent(reset_after_headers, tmp_path, story, way)


@each_own_way
@pytest.mark.row("N6")
async def test_behind_the_headers_with_the_last_piece_gone(
    tmp_path: Path, story: Story, way: Way
) -> None:
    """The body lies in the server's buffer, and dies there: in doubt, and accepted once."""

    async def reset_with_the_body_unread(connection: Connection) -> None:
        await connection.leave_unread()
        connection.resume()
        await reset_after_headers(connection)

    await one_doubt(reset_with_the_body_unread, tmp_path, story, way, taken=False)


@each_own_way
@pytest.mark.row("N7")
async def test_behind_the_body_before_processing(tmp_path: Path, story: Story, way: Way) -> None:
    """The repeat is the first that arrives; the sender cannot know that, and says so."""
    await one_doubt(reset_after_body, tmp_path, story, way, taken=False)


@each_own_way
@pytest.mark.row("N8")
async def test_behind_processing(tmp_path: Path, story: Story, way: Way) -> None:
    """The repeat carries the same transactionId, and is not sent again."""
    await one_doubt(reset_after_body, tmp_path, story, way, taken=True)
