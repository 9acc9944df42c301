"""Files that change while they are read: replaced, cut off, written to (I22)."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from fault_server import FaultServer
from wire_clients import open_client

from adversity.story import Story
from pushwoosh_async import ConfigurationError, InputChangedError, label_recipients, read_ids

from .sending import HELLO, Sending

MANY = [f"u{number:05}" for number in range(20_000)]
LONG_AGO = 1_000_000_000

Change: TypeAlias = Callable[[Path], None]


def lines(ids: Sequence[str]) -> bytes:
    """Write ids one a line."""
    return "".join(f"{each}\n" for each in ids).encode()


def write_long_ago(path: Path) -> None:
    """Write the file of many; so long ago that any change to it has another time."""
    path.write_bytes(lines(MANY))
    os.utime(path, (LONG_AGO, LONG_AGO))


def _replaced(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(lines([each.replace("u", "w") for each in MANY]))
    other.replace(path)


def _removed(path: Path) -> None:
    path.unlink()


def _appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"u20000\nu200")


def _cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 + 3)


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _rewritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(lines([each.replace("u", "w") for each in MANY]))


async def _while_it_is_read(
    sending: Sending, server: FaultServer, path: Path, change: Change
) -> None:
    """Send to many, a page at a time, and change their file once the first were reached."""
    write_long_ago(path)
    async with open_client("httpx", server.url) as client:
        users = read_ids(path, page_size=1000)
        run = client.fan_out(HELLO, users=users, journal=sending.journal, concurrency=2)
        try:
            async with run:
                async for outcome in run:
                    if outcome.start == 0:
                        change(path)
        finally:
            sending.report = run.report


@pytest.mark.row("I22")
@pytest.mark.parametrize("change", [_replaced, _removed])
async def test_another_file_under_its_name(
    sending: Sending, server: FaultServer, story: Story, tmp_path: Path, change: Change
) -> None:
    """The file that was opened is read to its end; the one that took its name is another source."""
    path = tmp_path / "ids"
    await _while_it_is_read(sending, server, path, change)
    assert sending.report is not None
    assert sending.reached() == dict.fromkeys(MANY, 1)
    assert sending.report.accepted == len(MANY)
    strangers = len(set(sending.reached()) - set(MANY))
    story.saw(f"another under its name: all of the first file reached, {strangers} others")
    path.write_bytes(lines(MANY[:-1]))
    with pytest.raises(InputChangedError):
        await sending.send(read_ids(path), chunk_size=1000)
    path.write_bytes(lines(MANY))
    await sending.put_right(read_ids(path), ids=MANY, chunk_size=1000)


@pytest.mark.row("I22")
@pytest.mark.parametrize("change", [_appended, _cut_off, _emptied, _rewritten])
async def test_the_file_itself(
    sending: Sending, server: FaultServer, story: Story, tmp_path: Path, change: Change
) -> None:
    """Written to while it is read, it may hold halves of ids: what is read since is not sent to."""
    path = tmp_path / "ids"
    with pytest.raises(ConfigurationError, match=r", line \d+: the file was changed") as caught:
        await _while_it_is_read(sending, server, path, change)
    report, reached = sending.report, sending.reached()
    assert report is not None
    assert reached == dict.fromkeys(MANY[: len(reached)], 1)
    assert (report.accepted, report.in_doubt) == (len(reached), 0)
    assert not report.input_complete
    strangers = len(set(reached) - set(MANY))
    kind = type(caught.value).__name__
    story.saw(f"written to: {kind}, {strangers} reached by what was written")
    path.write_bytes(lines(MANY))
    await sending.put_right(read_ids(path), ids=MANY, chunk_size=1000)


class Swapped:
    """A file that another replaces behind its digest, before it is opened to be read."""

    def __init__(self, path: Path) -> None:
        self._file = read_ids(path)
        self._path = path

    async def fingerprint(self) -> str:
        """Return that of the first."""
        found = await self._file.fingerprint()
        _replaced(self._path)
        return found

    def __aiter__(self) -> AsyncIterator[list[str]]:
        return aiter(self._file)


@pytest.mark.row("I22")
async def test_between_digest_and_reading(sending: Sending, story: Story, tmp_path: Path) -> None:
    """The journal knows each chunk by what was read: no file is taken for it that was not."""
    path = tmp_path / "ids"
    path.write_bytes(lines(MANY))
    await sending.send(Swapped(path), chunk_size=1000)
    reached = sending.reached()
    assert len(reached) == len(MANY)
    assert not set(reached) & set(MANY)
    with pytest.raises(InputChangedError):
        await sending.send(read_ids(path), chunk_size=1000)
    path.write_bytes(lines(MANY))
    with pytest.raises(InputChangedError):
        [each async for each in label_recipients(sending.journal, read_ids(path))]
    await sending.put_right(iter(list(reached)), ids=list(reached), chunk_size=1000)
    more = sending.reached().total() - reached.total()
    story.saw(f"replaced between its digest and its reading: {more} more by any resume")
