"""What a server does to a connection, or in headers, that must not reach beyond the one answer."""

from email.utils import formatdate
from pathlib import Path

import pytest
from fault_server import accept, answer, fault_server, http
from fault_server.api_scripts import accept_with, envelope, mixed_up, swapped
from fault_server.retry_after import NOW
from wire_clients import Way, each_way

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import RetryPolicy
from pushwoosh_async.testing import FakeClock

from .surroundings import Fate, each_fate_in_full, server_on

ODD = {
    "500": http(500, b"oops"),
    "504": http(504, b"<html>"),
    "409": http(409, b""),
    "201": http(201),
    "HTML": http(200, b"<html>"),
    "empty": http(200, b""),
    "500 in the body": http(200, envelope(500)),
}


@each_way
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.row("S20")
async def test_connection_of_an_odd_answer(
    tmp_path: Path, story: Story, way: Way, odd: str
) -> None:
    """Whatever else comes on it may be another's: it is closed, the next request takes a new one."""
    async with fault_server(mixed_up(ODD[odd]), default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1)
        told = await trial.send()

        assert (told.report.accepted, told.failures) == (40, {"in doubt": 1})
        assert server.connections == 2
        assert len(server.complete) == 5
        story.saw(f"{server.connections} connections, one of them for the odd answer alone")
        await trial.end_well()


@pytest.mark.row("S20")
async def test_answers_that_are_swapped(tmp_path: Path, story: Story) -> None:
    """Nothing in an answer says whose it is: accepted both, and each has the code of the other."""
    async with fault_server(default=swapped()) as server:
        trial = Trial(tmp_path, server, story, count=20, breaks_a_promise=True)
        told = await trial.send()
        wrong = list(trial.found)
        again = await trial.send()

        arrivals, records = server.ledger.arrivals, trial.records()
        codes = {each.transaction_id: each.code for each in arrivals}
        kept = [record.life.message_code for record in records]
        assert kept == [codes[record.transaction_id] for record in reversed(records)]
        assert wrong == [f"{each.path} has the code of another message" for each in records]
        assert trial.found == wrong * 2
        assert (told.report.accepted, again.report.requests) == (20, len(arrivals))
        assert server.ledger.sent_to() == dict.fromkeys(trial.ids, 1)
        story.saw(
            f"swapped answers to {len(records)} chunks: {told.report.accepted} accepted, "
            f"{len(wrong)} message codes are each other's, and nothing shows it"
        )
        by = f"the ledger, the journal, and the report, true but for {len(wrong)} swapped codes"
        story.check("G1", "G2", "G3", by=by)


CLOCKS = {
    "right": formatdate(NOW, usegmt=True),
    "an hour behind": formatdate(NOW - 3_600, usegmt=True),
    "an hour ahead": formatdate(NOW + 3_600, usegmt=True),
    "1970": formatdate(0, usegmt=True),
    "2100": formatdate(4.1e9, usegmt=True),
    "unreadable": "Thu, 32 Foo 99:99",
}


@each_fate_in_full
@pytest.mark.parametrize("date", CLOCKS)
@pytest.mark.row("S21")
async def test_date_of_the_server(tmp_path: Path, story: Story, date: str, fate: Fate) -> None:
    """Whatever the answers are dated, the same pauses are made and the same is reported."""
    clock = FakeClock(wall=NOW)
    says = CLOCKS[date]
    busy = answer(503, b"busy", [("Retry-After", "30"), ("Date", says)])
    limited = answer(429, b"", [("Date", says), ("Retry-After", "20")])
    async with server_on(
        clock, fate(busy), limited, default=accept_with([("Date", says)])
    ) as server:
        trial = Trial(
            tmp_path, server, story, clock=clock, concurrency=1, retry=RetryPolicy(base_delay=0)
        )
        told = await trial.send()

        assert clock.monotonic() == 50
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        story.saw(f"{clock.monotonic():.0f} s waited, as asked")
        await trial.end_well()


@pytest.mark.parametrize("skew", [0, -3_600, 3_600])
@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.row("S21")
async def test_wait_until_a_date(tmp_path: Path, story: Story, skew: int, dated: bool) -> None:
    """A date to wait for is by the server's own clock; where it does not tell that, ours and a cap."""
    clock = FakeClock(wall=NOW)
    headers = [("Retry-After", formatdate(NOW + skew + 20, usegmt=True))]
    headers += [("Date", formatdate(NOW + skew, usegmt=True))] if dated else []
    waited = 20.0 if dated else min(max(20.0 + skew, 0.0), 300.0)
    async with server_on(clock, answer(429, b"", headers)) as server:
        trial = Trial(
            tmp_path, server, story, clock=clock, concurrency=1, retry=RetryPolicy(base_delay=0)
        )
        told = await trial.send()

        assert clock.monotonic() == waited
        assert told.report.accepted == 40
        known = "whose time is told" if dated else "whose time is not told"
        story.saw(f"a clock {skew} s off {known}: {clock.monotonic():.0f} s waited for 20")
        await trial.end_well()


@each_way
@pytest.mark.row("S22")
async def test_cookies(tmp_path: Path, story: Story, way: Way) -> None:
    """What a server hands out is not kept: not over answers, not over connections."""
    cookies = [("Set-Cookie", "session=1; Path=/"), ("Set-Cookie", "other=2")]
    crumbs = accept_with(cookies)
    async with fault_server(answer(500, b"", cookies), default=crumbs) as server:
        # By name: cookie jars commonly take none from bare addresses.
        server.url = server.url.replace("127.0.0.1", "localhost")
        trial = Trial(tmp_path, server, story, way=way, sound=crumbs)
        told = await trial.send()

        assert told.report.accepted == 40
        returned = sum("cookie" in request.headers for request in server.requests)
        assert (returned, len(server.requests)) == (0, 5)
        story.saw(f"{returned} of {len(server.requests)} requests bore a cookie")
        await trial.end_well()
