"""Looking for chunks in doubt in the history: what is listed beside each, and how far it reads."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from recorded import NOW, WINDOW, Pages, facts, machine_in_tokyo, record

from pushwoosh_async import (
    AuthenticationError,
    ConfigurationError,
    Notification,
    PushHistoryRow,
    PushwooshClient,
    PushwooshError,
    TransportError,
    UnexpectedResponseError,
)
from pushwoosh_async._fanout.journal import EVERY_CHUNK, Ending, Record, RunFacts
from pushwoosh_async._fanout.plan_each import RECIPIENTS
from pushwoosh_async._fanout.reconcile import Evidence, ReconcileReport, reconcile
from pushwoosh_async._fanout.state import State
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock

MARGIN = 300.0
HOUR = 3600.0
HELLO = facts(content="Hello")
ENDING = Ending(
    complete=True,
    taken=100,
    invalid=0,
    duplicates=0,
    input_complete=True,
    stopped="",
    seconds=1.0,
    ended=NOW,
)


def row(
    number: int,
    *,
    created: float | None = NOW,
    zone: float = 0.0,
    code: str = "",
    content: dict[str, str] | None = None,
    campaign: str | None = None,
) -> PushHistoryRow:
    """A row of the history; `created` is true time, in which zone the server shows it is another matter."""
    shown = None if created is None else datetime.fromtimestamp(created + zone, UTC)
    return PushHistoryRow(
        id=number,
        code=code or f"R-{number}",
        create_date=shown and shown.replace(tzinfo=None),
        send_date=None,
        content={"en": "Hello"} if content is None else content,
        title={},
        subtitle={},
        url=None,
        ios_title=None,
        ios_subtitle=None,
        android_header=None,
        ios_root_params={},
        android_root_params={},
        data={},
        conditions=(),
        conditions_operator=None,
        filter_code=None,
        filter_name=None,
        filter_conditions=None,
        geozone=None,
        campaign_id=campaign,
        campaign_name=None,
        subscription_segments=(),
        open={},
        sent={},
        ctr={},
        errors={},
        raw={},
    )


class Server:
    """Gives out a history, in the order it is given, and remembers what was asked for."""

    def __init__(
        self, rows: Sequence[PushHistoryRow] = (), *, error: PushwooshError | None = None
    ) -> None:
        self.rows = rows
        self.error = error
        self.asked: list[tuple[str, str]] = []
        self.given = 0
        self.closed = False

    async def history(self, *, search_by: str, value: str) -> AsyncGenerator[PushHistoryRow, None]:
        """Answer as getPushHistory."""
        self.asked.append((search_by, value))
        try:
            for each in self.rows:
                self.given += 1
                yield each
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


async def look(
    records: Sequence[Record],
    server: Server,
    *,
    run: RunFacts = HELLO,
    ended: float | None = None,
    salvaged_to: int = -1,
    now: float = NOW,
    max_rows: int = 1000,
) -> ReconcileReport:
    """Reconcile a run of 100 recipients, where it came to an end."""
    pages = Pages(records)
    try:
        return await reconcile(
            run,
            pages.read(),
            ending=None if ended is None else evolve(ENDING, ended=ended),
            salvaged_to=salvaged_to,
            now=now,
            history=server.history,
            max_rows=max_rows,
        )
    finally:
        assert pages.closed
        assert server.closed or not server.asked


def doubt(path: str = "0", *, t0: float | None = NOW, recipients: int = 20) -> Record:
    """A chunk that may have been sent."""
    return record(path, State.EXPIRED, own_doubt=True, t0=t0, recipients=recipients, reason="reset")


def listed(evidence: Evidence) -> list[int]:
    """Ids of the rows beside a chunk."""
    return [each.id for each in evidence.candidates]


async def candidates(*rows: PushHistoryRow, run: RunFacts = HELLO) -> list[int]:
    """Ids of those rows that are listed beside one chunk in doubt."""
    [evidence] = (await look([doubt()], Server(rows), run=run)).evidence
    return listed(evidence)


# -- which rows ---------------------------------------------------------------------------------------

SECONDS = st.integers(-1000, 3000)


@given(
    zone=st.integers(-12 * 4, 14 * 4).map(lambda quarters: quarters * 900.0),
    times=st.lists(SECONDS, min_size=1, max_size=4),
    rows=st.lists(
        st.tuples(
            SECONDS, st.sampled_from(["Hello", "Bye"]), st.sampled_from(["C", "D"]), st.booleans()
        ),
        max_size=8,
    ),
)
async def test_listed_is_what_agrees_in_all(
    zone: float, times: list[int], rows: list[tuple[int, str, str, bool]]
) -> None:
    """Campaign, content and time, in whatever zone the history is; and the code is nobody else's."""
    doubts = [doubt(str(n), t0=NOW + at) for n, at in enumerate(times)]
    own = [record("90", code="OWN", t0=NOW, ended=NOW)]
    shown = []
    for number, (at, text, campaign, taken) in enumerate(sorted(rows)):
        if taken:
            own.append(record(f"{91 + number}", code=f"R-{number}", t0=NOW + at, ended=NOW + at))
        shown.append(
            row(number, created=NOW + at, zone=zone, content={"de": text}, campaign=campaign)
        )
    server = Server([row(99, code="OWN", zone=zone), *reversed(shown)])
    run = facts(content="Hello", campaign="C")
    report = await look([*doubts, *own], server, run=run)
    for n, (evidence, at) in enumerate(zip(report.evidence, times, strict=True)):
        assert evidence.path == str(n)
        assert listed(evidence) == [
            number
            for number, (created, text, campaign, taken) in reversed(list(enumerate(sorted(rows))))
            if at - MARGIN <= created <= at + WINDOW + MARGIN
            and (text, campaign, taken) == ("Hello", "C", False)
        ]


@pytest.mark.parametrize("zone", [-12 * HOUR, 0.0, 5.5 * HOUR, 14 * HOUR])
async def test_unknown_zone_rules_nothing_out(zone: float) -> None:
    """Where no message of the run is found, what any zone would explain is listed, and the note says so."""
    rows = [row(2, zone=zone), row(1, created=NOW - 27 * HOUR, zone=zone)]
    [evidence] = (await look([doubt()], Server(rows))).evidence
    assert listed(evidence) == [2]
    assert "up to 14 hours" in evidence.note


async def test_zone_is_as_wide_as_the_runs_own_messages_say() -> None:
    """Their dates lie between first attempt and outcome; a message that took long leaves more open."""
    own = [record("1", code="A", ended=NOW + 100), record("2", code="B")]
    known = [row(9, code="B"), row(8, code="A"), row(7, code="B"), row(6, code="A", created=None)]
    border = NOW + WINDOW + MARGIN

    async def found(*rows: PushHistoryRow) -> list[int]:
        report = await look([doubt(), *own], Server([*known, *rows]))
        return listed(report.evidence[0])

    assert await found(row(5, created=border), row(4, created=NOW - MARGIN)) == [5, 4]
    assert await found(row(5, created=border + 1), row(4, created=NOW - MARGIN - 100)) == [4]
    assert await found(row(4, created=NOW - MARGIN - 101)) == []


@pytest.mark.parametrize("ended", [0.0, NOW - 50])
async def test_own_message_whose_end_is_no_end(ended: float) -> None:
    """It was not recorded, or the clock was set back: the beginning stands for it."""
    own = record("1", code="A", ended=ended)
    border = NOW + WINDOW + MARGIN
    times = [border + 1, border, NOW - MARGIN, NOW - MARGIN - 1]
    rows = [row(5 - number, created=created) for number, created in enumerate(times)]
    report = await look([doubt(), own], Server([row(9, code="A"), *rows]))
    assert listed(report.evidence[0]) == [4, 3]


async def test_zone_of_the_machine_plays_no_part() -> None:
    """The history's dates are read as the history's."""
    with machine_in_tokyo():
        assert await candidates(row(2, zone=14 * HOUR), row(1, zone=-12 * HOUR)) == [2, 1]
        report = await look([doubt()], Server([row(2), row(1, created=NOW - 12 * HOUR)]))
        assert report.rows == 2


async def test_row_without_a_date_is_listed() -> None:
    """It cannot be ruled out."""
    assert await candidates(row(1, created=None)) == [1]


@pytest.mark.parametrize(
    ("sent", "shown", "alike"),
    [
        ("Hello", {"en": "Hello"}, True),
        ("Hello", {"": "Hello"}, True),
        (" Hello\n", {"en": "Hello", "de": "Hello "}, True),
        ({"en": "Hello", "de": "Hallo"}, {"en": "Hello", "de": "Hallo"}, True),
        ({"en": "Hello", "pt-BR": "Oi"}, {"pt": "Oi"}, True),
        ({"en": "Hello", "de": "Hallo"}, {"en": "Hello", "de": "Servus"}, False),
        ("Hello", {"en": "hello"}, False),
        ("Hello", {"en": "Bye"}, False),
        ("Hello", {}, False),
        (None, {"en": "from a preset"}, True),
        (None, {}, True),
    ],
)
async def test_content_is_compared_where_there_is_some(
    sent: Any, shown: dict[str, str], alike: bool
) -> None:
    """By its texts, as a server may name languages otherwise; without content nothing is compared."""
    run = facts() if sent is None else facts(content=sent)
    assert await candidates(row(1, content=shown), run=run) == ([1] if alike else [])


async def test_no_content_is_compared_where_each_is_another() -> None:
    """It is not in the journal: whatever the time allows is listed, and the note says so."""
    rows = [row(1, content={"en": "One"}), row(2, content={"en": "Another"}), row(3, created=1.0)]
    told = "each message of the run is another"
    for kind, noted in ((RECIPIENTS, True), ("users", False)):
        run = evolve(facts(), kind=kind)
        report = await look([record("0", State.EXPIRED, own_doubt=True)], Server(rows), run=run)
        (evidence,) = report.evidence
        assert [each.id for each in evidence.candidates] == [1, 2]
        assert (told in evidence.note) == noted


@pytest.mark.parametrize(
    ("sent", "shown", "alike"),
    [("C", "C", True), ("C", "D", False), ("C", None, False), (None, "D", True)],
)
async def test_campaign_is_compared_where_there_is_one(
    sent: str | None, shown: str | None, alike: bool
) -> None:
    """Without one nothing is compared: a preset may have set it."""
    run = facts(content="Hello", campaign=sent) if sent else HELLO
    assert await candidates(row(1, campaign=shown), run=run) == ([1] if alike else [])


async def test_messages_of_accepted_chunks_are_left_out() -> None:
    """The code of each says whose it is; the one without stays."""
    own = [record("1", code="R-1"), record("2", code="R-3", t0=NOW + HOUR), record("3")]
    nameless = evolve(row(4), code=None)
    rows = [nameless, row(3, created=NOW + HOUR), row(2), row(1)]
    [evidence] = (await look([doubt(), *own], Server(rows))).evidence
    assert listed(evidence) == [4, 2]


# -- which chunks -------------------------------------------------------------------------------------


async def test_every_doubt_of_its_own_is_looked_for() -> None:
    """In doubt, expired, in flight when its process ended, or resent since; in the order of the input."""
    records = [
        record("9", State.EXPIRED, own_doubt=True, reason="late"),
        record("0", State.ACCEPTED, own_doubt=True, code="C"),
        record("1", State.PLANNED),
        record("2", State.REJECTED),
        record("3", State.SPLIT),
        record("4", State.IN_FLIGHT, t0=NOW + 5),
        record("5", State.IN_DOUBT, own_doubt=True),
        record("6", State.SUPERSEDED),  # it was rejected, and is tried once more
        record("6#1", State.PLANNED),
        record("7", State.SUPERSEDED, own_doubt=True),
        record("7#1", State.PLANNED, inherited=True),
        record("8", State.SUPERSEDED, own_doubt=True),
        record("8#1", State.EXPIRED, own_doubt=True, inherited=True),
    ]
    report = await look(records, Server())
    assert [each.path for each in report.evidence] == ["4", "5", "7", "8", "8#1", "9"]
    assert report.evidence[0].reason == "its process ended without an outcome"
    assert report.evidence[0].began == NOW + 5
    last = report.evidence[-1]
    assert (last.start, last.stop, last.recipients) == (180, 200, 20)
    assert (last.transaction_id, last.reason, last.candidates) == ("tid-9", "late", ())


async def test_nothing_in_doubt_asks_nobody() -> None:
    """There is nothing to look for."""
    server = Server([row(1)])
    assert await look([record("0", code="C")], server) == ReconcileReport(
        evidence=(), rows=0, cut_off=""
    )
    assert server.asked == []


async def test_the_application_is_searched_for() -> None:
    """Its code is what the server is told; it is asked once."""
    server = Server()
    await look([doubt("0"), doubt("1")], server)
    assert server.asked == [("applicationCode", "XXXXX-XXXXX")]


async def test_group_of_applications_cannot_be_searched_for() -> None:
    """Nobody is asked; every chunk's note says that nothing was looked for."""
    server = Server([row(1)])
    run = facts(application=None, content="Hello")
    report = await look([doubt("0"), doubt("1", recipients=3)], server, run=run)
    assert (server.asked, report.rows) == ([], 0)
    assert [each.candidates for each in report.evidence] == [(), ()]
    assert all(each.note.startswith("nothing was looked for") for each in report.evidence)


@pytest.mark.parametrize(("recipients", "few"), [(1, True), (9, True), (10, False)])
async def test_few_recipients_may_leave_no_trace(recipients: int, few: bool) -> None:
    """Whatever is found or not, the note says what the history leaves out."""
    for rows in ([], [row(1)]):
        [evidence] = (await look([doubt(recipients=recipients)], Server(rows))).evidence
        assert ("fewer than ten" in evidence.note) is few


# -- what a damaged journal has lost ------------------------------------------------------------------


def timeless(path: str = "0") -> Record:
    """A chunk as a resume writes it down whose record was lost."""
    return evolve(doubt(path, t0=None), ended=0.0)


async def test_chunks_without_a_record_are_looked_for() -> None:
    """As the report counts them: before, among and behind those that are left, up to the last intent."""
    left = [record("1", code="C"), doubt("3")]
    report = await look(left, Server([row(1)]), salvaged_to=4)
    assert [(each.path, each.start, each.stop) for each in report.evidence] == [
        ("0", 0, 20),
        ("2", 40, 60),
        ("3", 60, 80),
        ("4", 80, 100),
    ]
    assert [each.began for each in report.evidence] == [None, None, NOW, None]
    assert [bool(each.transaction_id) for each in report.evidence] == [False, False, True, False]
    assert [listed(each) for each in report.evidence] == [[1]] * 4
    assert "record was lost" in report.evidence[0].reason


async def test_all_records_lost_and_how_far_it_came() -> None:
    """The end of the source bounds them; where nothing does, nobody can tell how many there were."""
    bounded = await look([], Server(), ended=NOW, salvaged_to=EVERY_CHUNK)
    assert [each.path for each in bounded.evidence] == ["0", "1", "2", "3", "4"]
    assert (await look([], Server(), salvaged_to=EVERY_CHUNK)).evidence == ()


@pytest.mark.parametrize(
    ("others", "ended", "end"),
    [
        ([], None, NOW + 9 * HOUR),  # nothing is known: to now
        ([], NOW + HOUR, NOW + HOUR + WINDOW),
        ([doubt("1", t0=NOW + HOUR)], None, NOW + HOUR + 60 + WINDOW),  # its last attempt
        ([record("1", code="A", ended=NOW + 2 * HOUR)], NOW, NOW + 2 * HOUR + WINDOW),
        ([record("1", code="A", ended=NOW)], NOW + HOUR, NOW + HOUR + WINDOW),
        ([evolve(doubt("1", t0=NOW + 90), began=0.0)], None, NOW + 90 + WINDOW),
        ([], NOW - 2 * HOUR, NOW - HOUR + 60 + WINDOW),  # a clock that was set back
    ],
)
async def test_time_of_the_run_stands_for_one_that_was_lost(
    others: list[Record], ended: float | None, end: float
) -> None:
    """From when it was begun to the last that is known of it, and a window; the note says so."""
    own = record("90", code="OWN", t0=NOW - HOUR, ended=NOW - HOUR)  # it tells the zone
    border = [end + MARGIN + 1, end + MARGIN, NOW - HOUR - MARGIN, NOW - HOUR - MARGIN - 1]
    rows = [row(4 - number, created=created) for number, created in enumerate(border)]
    report = await look(
        [timeless(), *others, *([own] if others or ended else [])],
        Server([row(9, code="OWN", created=NOW - HOUR), *rows] if others or ended else rows[1:3]),
        run=facts(content="Hello", created=NOW - HOUR),
        ended=ended,
        now=NOW + 9 * HOUR,
    )
    evidence = report.evidence[0]
    assert evidence.path == "0"
    assert evidence.began is None
    assert listed(evidence) == [3, 2]
    assert "when it was tried is not known" in evidence.note
    assert f"from 2023-11-14 21:08:20 to {datetime.fromtimestamp(end + MARGIN, UTC):%F %T}" in (
        evidence.note
    )


async def test_known_time_needs_no_note() -> None:
    """Only a chunk whose time was lost is given the run's."""
    report = await look([doubt("0", t0=NOW), timeless("1")], Server(), ended=NOW + HOUR)
    assert [("not known" in each.note) for each in report.evidence] == [False, True]


async def test_history_is_read_back_to_the_beginning_of_the_run() -> None:
    """Where a time was lost; and no further."""
    old = NOW - HOUR - MARGIN - 12 * HOUR
    rows = [row(5), row(4, created=old), row(3, created=old - 1), row(2, created=old - 2)]
    server = Server(rows)
    run = facts(content="Hello", created=NOW - HOUR)
    report = await look([doubt("0"), timeless("1")], server, run=run)
    assert (report.rows, server.given, report.cut_off) == (2, 3, "")


# -- how far it reads ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("bound", "read"), [(1, 1), (7, 7), (19, 19), (20, 20), (21, 20)])
async def test_so_many_rows_are_looked_at(bound: int, read: int) -> None:
    """At most; what was left unread is said, in the report and beside each chunk."""
    server = Server([row(number) for number in range(20, 0, -1)])
    report = await look([doubt()], server, max_rows=bound)
    assert report.rows == read == len(report.evidence[0].candidates)
    assert server.given == min(bound + 1, 20)
    assert bool(report.cut_off) is (bound < 20)
    assert ("not read to its end" in report.evidence[0].note) is (bound < 20)
    assert str(bound) in report.cut_off or bound >= 20


async def test_it_stops_where_the_run_begins() -> None:
    """No zone can bring an older message into the run's time; the earliest doubt counts."""
    old = NOW - HOUR - MARGIN - 12 * HOUR
    rows = [row(5), row(4, created=old), row(3, created=old - 1), row(2, created=old - 2)]
    server = Server(rows)
    report = await look([doubt("0"), doubt("1", t0=NOW - HOUR), doubt("2")], server)
    assert (report.rows, server.given, report.cut_off) == (2, 3, "")


async def test_history_in_another_order_is_read_to_its_end() -> None:
    """Oldest first, or with dates that cannot be read: nothing that may be listed is missed."""
    rows = [
        row(1, created=NOW - 99 * HOUR),
        row(2, created=NOW - 98 * HOUR),
        row(9, created=None),
        row(10),
    ]
    assert await candidates(*rows) == [9, 10]
    assert await candidates(row(9, created=None), row(8, created=None), row(7)) == [9, 8, 7]


async def test_attempt_without_a_first_time_goes_by_its_last() -> None:
    """A record that kept no t0 still has a time."""
    without = evolve(record("0", State.EXPIRED, own_doubt=True, t0=None), began=NOW)
    report = await look([without], Server([row(1)]))
    assert report.evidence[0].began == NOW
    assert listed(report.evidence[0]) == [1]


async def test_server_that_gives_the_same_rows_again() -> None:
    """What came before that is listed; the report says why there is no more."""
    error = UnexpectedResponseError("the server goes round", http_status=200)
    report = await look([doubt()], Server([row(2), row(1)], error=error))
    assert listed(report.evidence[0]) == [2, 1]
    assert (report.rows, report.cut_off) == (2, "the server goes round")


async def test_history_that_cannot_be_read() -> None:
    """The error comes as it is."""
    error = AuthenticationError("no", http_status=401, delivery="not_sent")
    with pytest.raises(AuthenticationError):
        await look([doubt()], Server([row(1)], error=error))


@pytest.mark.parametrize(
    ("bound", "error"),
    [(0, ConfigurationError), (1_000_001, ConfigurationError), (True, TypeError), (inf, TypeError)],
)
async def test_bound_of_rows_is_checked(bound: Any, error: type[Exception]) -> None:
    """Before anything is read."""
    pages = Pages([])
    with pytest.raises(error, match=r"^max_rows: "):
        await reconcile(
            HELLO,
            pages.read(),
            ending=None,
            salvaged_to=-1,
            now=NOW,
            history=Server().history,
            max_rows=bound,
        )


# -- the whole, over HTTP -----------------------------------------------------------------------------


async def test_lost_answer_is_found_on_a_server(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient, pushwoosh_clock: FakeClock
) -> None:
    """A message whose answers were lost is beside its chunk; others and accepted ones are not."""

    async def send(path: str, recipients: int = 20, **fields: Any) -> Record:
        pushwoosh_clock.advance(HOUR)
        t0 = pushwoosh_clock.stamp().wall
        notification = Notification(
            users=[f"{path}-{n}" for n in range(recipients)],
            **{"content": "Hello", "campaign": "C", **fields},
        )
        result = await pushwoosh_client.create_message(notification)
        ended = pushwoosh_clock.stamp().wall
        return record(path, code=result.message_codes[0], t0=t0, ended=ended)

    async def lose(fault: str, path: str, recipients: int = 20) -> Record:
        pushwoosh_sandbox.script([fault] * 4)  # all that a client tries
        t0 = pushwoosh_clock.stamp().wall + HOUR
        with pytest.raises(TransportError) as caught:
            await send(path, recipients)
        assert caught.value.delivery == "in_doubt"
        return record(path, State.IN_FLIGHT, t0=t0, recipients=recipients)

    records = [
        await send("0"),
        await lose("reset_after", "1"),
        await lose("reset_before", "2"),
        await lose("reset_after", "3", recipients=9),
        await send("4"),
    ]
    await send("8", content="Bye")
    await send("9", campaign="D")

    report = await reconcile(
        facts(content="Hello", campaign="C"),
        Pages(records).read(),
        ending=None,
        salvaged_to=-1,
        now=NOW,
        history=pushwoosh_client.get_push_history,
        max_rows=10_000,
    )

    arrived, lost, short = report.evidence
    [found] = arrived.candidates
    assert found.sent == {"XXXXX-XXXXX": {"IOS": 20}}
    assert (lost.candidates, short.candidates) == ((), ())
    assert [bool(each.note) for each in report.evidence] == [False, False, True]
    assert (report.rows, report.cut_off) == (5, "")
