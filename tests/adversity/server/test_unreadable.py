"""HTTP 200 around what is no acknowledgement: it proves nothing, and nothing of it harms the client."""

from pathlib import Path

import pytest
from fault_server import ACCEPTED, Script, accept, answer, fault_server, processed
from fault_server.api_scripts import envelope
from wire_clients import Way, each_own_way

from adversity.story import Story
from adversity.trial import Trial

from .surroundings import Fate, each_fate_in_full

DEPTH = 200_000

UNREADABLE = {
    "HTML": b"<html><body>Welcome to nginx!</body></html>",
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"ok"',
    "NaN": ACCEPTED.replace(b'"OK"', b"NaN"),
    "minus infinity": ACCEPTED.replace(b'"OK"', b"-Infinity"),
    "a byte order mark": b"\xef\xbb\xbf" + ACCEPTED,
    "bad UTF-8": ACCEPTED.replace(b"OK", b"\xc3\x28"),
    "half a surrogate in UTF-8": ACCEPTED.replace(b"OK", b"\xed\xa0\x80"),
    "deep lists": b"[" * DEPTH,
    "deep lists in an acknowledgement": ACCEPTED.replace(b'"OK"', b"[" * 20_000 + b"]" * 20_000),
    "a number of 5000 digits": ACCEPTED.replace(b'"OK"', b"1" * 5_000),
    "cut": ACCEPTED[:-1],
    "two of them": ACCEPTED * 2,
}

OTHER_CODES = {
    "true": envelope(True),
    "null": envelope(None),
    "missing": b'{"status_message":"OK","response":{"Messages":["CODE-1"]}}',
    "twice, 210 first": ACCEPTED.replace(b'{"status_code"', b'{"status_code":210,"status_code"'),
    "twice, 210 last": ACCEPTED.replace(b':200,"', b':200,"status_code":210,"'),
    "twice the same": ACCEPTED.replace(b':200,"', b':200,"status_code":200,"'),
    "a fraction": envelope(200.5),
    "a list": envelope([200]),
    "a word": envelope("OK"),
    "other digits": envelope("\u0662\u0660\u0660"),
}

SAME_CODE = {"200": 200, "'200'": "200", "200.0": 200.0}


@each_fate_in_full
@each_own_way
@pytest.mark.parametrize("body", UNREADABLE)
@pytest.mark.row("S7")
async def test_body_that_nobody_can_read(
    tmp_path: Path, story: Story, way: Way, body: str, fate: Fate
) -> None:
    """A doubt, repeated on a connection of its own; no foreign exception comes out."""
    await _is_doubted(tmp_path, story, way, fate(answer(200, UNREADABLE[body])))


@each_fate_in_full
@pytest.mark.parametrize("code", OTHER_CODES)
@pytest.mark.row("S11")
async def test_status_code_that_is_not_200(
    tmp_path: Path, story: Story, code: str, fate: Fate
) -> None:
    """Missing, of another type, or given twice: nobody knows, so it is a doubt."""
    await _is_doubted(tmp_path, story, "httpx", fate(answer(200, OTHER_CODES[code])))


async def _is_doubted(folder: Path, story: Story, way: Way, script: Script) -> None:
    async with fault_server(script, default=accept) as server:
        trial = Trial(folder, server, story, way=way)
        told = await trial.send()

        assert told.failures == {"in doubt": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        await trial.end_well()


@pytest.mark.parametrize("code", SAME_CODE)
@pytest.mark.row("S11")
async def test_status_code_that_is_200(tmp_path: Path, story: Story, code: str) -> None:
    """A text or a float of the same value is the same answer."""
    body = envelope(SAME_CODE[code], "OK", {"Messages": ["CODE_NOT_AVAILABLE"]})
    async with fault_server(default=processed(answer(200, body))) as server:
        trial = Trial(tmp_path, server, story)
        told = await trial.send()

        assert told.failures == {}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        await trial.end_well()
