"""CSV files that are damaged: by a spreadsheet, an editor, a disk (I21, R22)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer
from wire_clients import open_client

from adversity.story import Story
from pushwoosh_async import (
    ConfigurationError,
    IdFile,
    InputChangedError,
    Notification,
    personalise,
    read_ids,
    read_rows,
)

from .sending import Sending

BEFORE = [f"u{number}" for number in range(60)]
BEHIND = [f"v{number}" for number in range(60)]

# What stands on line 62, behind a header and sixty good records; and what is said of it.
DAMAGE: dict[str, tuple[bytes, str]] = {
    "NUL": (b"canary\0,x\n", "NUL"),
    "quote that swallows the file": (b'canary,"x\n', "quote"),
    "quote in quotes": (b'canary,"x" y\n', "quote"),
    "field of 140,000 characters": (b"canary," + b"x" * 140_000 + b"\n", "limit"),
    "not UTF-8": (b"canary,\xff\n", "not utf-8"),
    "one field": (b"canary\n", "1 fields"),
    "three fields": (b"canary,x,y\n", "3 fields"),
    "blank line": (b"\n", "blank"),
    "carriage return": (b"canary\rw,x\n", "carriage return"),
    "1.23E+11": (b"1.23E+11,x\n", "scientific notation"),
    "1,23E+11": (b'"1,23E+11",x\n', "scientific notation"),
}

# What is wrong from the first line on.
HEADS: dict[str, tuple[bytes, str]] = {
    "UTF-16": ("id,note\nu0,x\n".encode("utf-16"), "encoding='utf-16'"),
    "UTF-16 without a mark": ("id,note\nu0,x\n".encode("utf-16-le"), "UTF-16"),
    "no header": (b"u0,x\nu1,x\n", "no column 'id'"),
    "header in other letters": (b"ID,note\nu0,x\n", "no column 'id'"),
    "header names it twice": (b"id,id\nu0,u1\n", "2 times"),
    "semicolons": (b"id;note\nu0;x\n", "not ';'"),
    "packed": (b"\x1f\x8b\x08\0\0\0\0\0\0\0", "gzip"),
}

EXACT: dict[str, tuple[bytes, dict[str, Any]]] = {
    "mark and CRLF": (b"\xef\xbb\xbfid,note\r\n0012,x\r\n1E5,x\r\nu,x\r\n", {}),
    "quotes": (b'"id","note"\n"0012","x\ny"\n1E5,"x,y"\nu,"say ""x"""\n', {}),
    "UTF-16, told so": ("id,note\n0012,x\n1E5,x\nu,x\n".encode("utf-16"), {"encoding": "utf-16"}),
}


def content(damage: bytes = b"") -> bytes:
    """Write sixty good records, something, and sixty more."""
    before = "".join(f"{each},x\n" for each in BEFORE).encode()
    behind = "".join(f"{each},x\n" for each in BEHIND).encode()
    return b"id,note\n" + before + damage + behind


async def ids_of(file: IdFile) -> AsyncIterator[str]:
    """Give the ids without their file, so that another file with the same ids is taken."""
    async for page in file:
        for each in page:
            yield each


@pytest.mark.row("I21")
@pytest.mark.parametrize(("damage", "rule"), DAMAGE.values(), ids=DAMAGE.keys())
async def test_damage_within(
    sending: Sending, story: Story, tmp_path: Path, damage: bytes, rule: str
) -> None:
    """The line is named and not quoted; who stands before it may have got theirs, and nobody behind."""
    path = tmp_path / "ids.csv"
    path.write_bytes(content(damage))
    with pytest.raises(ConfigurationError, match=r", line 62: ") as caught:
        await sending.send(read_ids(path, column="id", page_size=20))
    assert rule in str(caught.value)
    assert "canary" not in f"{caught.value} {caught.value!r}"
    report, reached = sending.report, sending.reached()
    assert report is not None
    assert reached == dict.fromkeys(BEFORE[: report.accepted], 1)
    assert (report.in_doubt, report.input_complete) == (0, False)
    behind = sum(each in reached for each in BEHIND)
    story.saw(f"{type(caught.value).__name__} with the line; {behind} behind it were sent to")
    path.write_bytes(content())
    with pytest.raises(InputChangedError):
        await sending.send(read_ids(path, column="id"))
    assert sending.reached() == reached
    mended = read_ids(path, column="id")
    await sending.put_right(ids_of(mended), ids=BEFORE + BEHIND)


@pytest.mark.row("I21")
@pytest.mark.parametrize(("text", "rule"), HEADS.values(), ids=HEADS.keys())
async def test_damage_from_the_first_line(
    sending: Sending, tmp_path: Path, text: bytes, rule: str
) -> None:
    """Nobody is sent to."""
    path = tmp_path / "ids.csv"
    path.write_bytes(text)
    error = await sending.refused(ConfigurationError, read_ids(path, column="id"))
    assert "line 1: " in str(error)
    assert rule in str(error)
    path.write_bytes(content())
    await sending.put_right(ids_of(read_ids(path, column="id")), ids=BEFORE + BEHIND)


@pytest.mark.row("I21")
@pytest.mark.parametrize(("text", "options"), EXACT.values(), ids=EXACT.keys())
async def test_cells_are_exact(
    sending: Sending, story: Story, tmp_path: Path, text: bytes, options: dict[str, Any]
) -> None:
    """Leading zeros stay, and a code that looks like a number is none."""
    path = tmp_path / "ids.csv"
    path.write_bytes(text)
    await sending.put_right(read_ids(path, column="id", **options), ids=["0012", "1E5", "u"])
    story.saw(f"sound: {', '.join(sending.reached())} arrived")


@pytest.mark.row("R22")
@pytest.mark.parametrize(("damage", "rule"), DAMAGE.values(), ids=DAMAGE.keys())
async def test_damage_among_texts(
    server: FaultServer, story: Story, tmp_path: Path, damage: bytes, rule: str
) -> None:
    """The same where each recipient has a text of his own: nobody gets another's."""
    path = tmp_path / "rows.csv"
    path.write_bytes(content(damage))
    rows = read_rows(path, column="id", placeholders={"note": "note"})
    with pytest.raises(ConfigurationError, match=r", line 62: ") as caught:
        async with open_client("httpx", server.url) as client:
            await client.fan_out_each(
                personalise(Notification(content="{note}"), rows), concurrency=2
            )
    assert rule in str(caught.value)
    reached = server.ledger.sent_to()
    assert set(reached) <= set(BEFORE)
    story.saw(
        f"{type(caught.value).__name__} with the line; {len(set(reached) & set(BEHIND))} sent on"
    )
