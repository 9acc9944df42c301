"""Whatever is packed with whatever, and struck by whatever: the ledger, the file and the answers agree."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from pushwoosh_async.sandbox import Sandbox

from .caller import CREATE_MESSAGE, ManualClock, envelope, ids, notification

WINDOW = 100.0
NAMES = "abcdef"
STRUCK = ("error_500_before", "html_after")

Line = dict[str, Any]


@frozen
class Pack:
    """A request: a letter for each notification, good ones in lower case and bad ones in upper case."""

    letters: str
    fault: str | None
    wait: float


@frozen
class Arrival:
    """What became of a pack: when it came, its answer, and the ledger file's lines about it."""

    pack: Pack
    at: float
    response: httpx.Response
    lines: Sequence[Line]


packs = st.builds(
    Pack,
    st.text(NAMES + NAMES.upper(), min_size=1, max_size=8),
    st.sampled_from([None, None, None, *STRUCK]),
    st.sampled_from([0.0, 1.0, 40.0, WINDOW]),
)
ways = st.fixed_dictionaries(
    {
        "repeat": st.sampled_from(["same_code", "empty", "210", "409"]),
        "sends_beside_repeat": st.booleans(),
        "bad_notification": st.sampled_from(["refuses_all", "rest_sent", "dropped"]),
    }
)


def body(letters: str) -> bytes:
    """Return a request with these; a bad notification has the transactionId of its good twin."""
    sendings = [
        notification(
            users=[*ids(10, letter.lower()), *(["bad"] if letter.isupper() else [])],
            transactionId=letter.lower(),
        )
        for letter in letters
    ]
    return json.dumps({"request": envelope(sendings)}).encode()


async def send(sandbox: Sandbox, clock: ManualClock, wanted: Sequence[Pack]) -> list[Any]:
    """Send one after the other; return when each was sent, and its answer."""
    told = []
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as http:
        for pack in wanted:
            clock.now += pack.wait
            sandbox.script([pack.fault])
            told.append((clock.now, await http.post(CREATE_MESSAGE, content=body(pack.letters))))
    return told


def read(path: Path) -> list[Line]:
    """Return what the ledger file says, line by line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.slow
@given(st.lists(packs, min_size=1, max_size=8), ways)
@settings(max_examples=150, deadline=None)
async def test_the_accounts_agree(wanted: Sequence[Pack], chosen: dict[str, Any]) -> None:
    """One line for each notification; sent at most once a window; each answer fits its lines."""
    clock = ManualClock()
    options = {"clock": clock, "window": WINDOW, "rejected_ids": ["bad"], **chosen}
    with TemporaryDirectory() as folder:
        path = Path(folder, "ledger")
        async with Sandbox(ledger_file=path, **options) as sandbox:
            told = await send(sandbox, clock, wanted)
        lines = read(path)

    named = "".join(pack.letters for pack in wanted).lower()
    assert [line["transaction_id"] for line in lines] == list(named)
    rest = iter(lines)
    arrivals = [
        Arrival(pack, at, response, [next(rest) for _ in pack.letters])
        for pack, (at, response) in zip(wanted, told, strict=True)
    ]
    assert_counted(sandbox, lines)
    assert_once_a_window(arrivals)
    for arrival in arrivals:
        assert_answered(arrival, chosen)


def assert_counted(sandbox: Sandbox, lines: Sequence[Line]) -> None:
    """Check that the counts in the process are those of the file."""
    verdicts = Counter(line["verdict"] for line in lines)
    truth = sandbox.truth()
    assert (truth.accepted, truth.replays) == (verdicts["accepted"], verdicts["replay"])
    accepted = [line["ids"] for line in lines if line["verdict"] == "accepted"]
    assert sandbox.ledger.counts() == Counter(name for listed in accepted for name in listed)
    assert sandbox.traffic().notifications == len(lines)


def assert_once_a_window(arrivals: Sequence[Arrival]) -> None:
    """Check each verdict by those before it: what was sent in the last window is not sent again."""
    sent: dict[str, tuple[float, str]] = {}
    for arrival in arrivals:
        for letter, line in zip(arrival.pack.letters, arrival.lines, strict=True):
            at, code = sent.get(letter.lower(), (-WINDOW, ""))
            known = arrival.at - at < WINDOW
            if line["verdict"] == "accepted":
                assert letter.islower()
                assert not known
                sent[letter] = (arrival.at, line["code"])
            elif line["verdict"] == "replay":
                assert letter.islower()
                # A repeat of nothing but a neighbour that was not sent either has no code.
                assert line["code"] == (code if known else None)
            else:
                assert line["code"] is None


def assert_answered(arrival: Arrival, chosen: dict[str, Any]) -> None:
    """Check that an answer says of its notifications what the options let it say."""
    verdicts = [line["verdict"] for line in arrival.lines]
    if arrival.pack.fault is not None:
        assert ("unprocessed" in verdicts) == (arrival.pack.fault == "error_500_before")
        assert len({verdict == "unprocessed" for verdict in verdicts}) == 1
        return
    bad = [letter.isupper() for letter in arrival.pack.letters]
    repeat_refuses = chosen["repeat"] in {"210", "409"} and "replay" in verdicts
    bad_refuses = any(bad) and chosen["bad_notification"] != "dropped"
    held_back = (
        all(bad)
        or (any(bad) and chosen["bad_notification"] == "refuses_all")
        or (repeat_refuses and not chosen["sends_beside_repeat"])
    )
    if not held_back:
        assert [verdict == "rejected" for verdict in verdicts] == bad
    elif "accepted" in verdicts:
        pytest.fail("sent beside what refuses all")
    document = arrival.response.json()
    assert (document["status_code"] == 200) == (not (held_back or repeat_refuses or bad_refuses))
    if document["status_code"] == 200:
        told = {"accepted"} if chosen["repeat"] == "empty" else {"accepted", "replay"}
        expected = [line["code"] for line in arrival.lines if line["verdict"] in told]
        assert document["response"]["Messages"] == expected
    else:
        assert document["response"] is None
