"""Taking a scheduled run back: what is asked, what each answer means, and that the books balance."""

from collections.abc import Callable, Iterable
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from recorded import LATER, NOW, Pages, facts, machine_in_tokyo, record

from pushwoosh_async import (
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    JournalError,
    MessageDetails,
    Notification,
    PushwooshClient,
    PushwooshError,
    RateLimitedError,
    RedirectError,
    ServerError,
    TransportError,
)
from pushwoosh_async._fanout.journal import Record, RunFacts
from pushwoosh_async._fanout.plan_each import RECIPIENTS
from pushwoosh_async._fanout.recall import RecallReport, RecallResult, recall, recalled_of
from pushwoosh_async._fanout.state import State
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock

DATE = 1_700_128_800.0  # LATER
FIFTH = 300.0  # seconds by which two clocks may lie apart
HOUR = 3600.0
SCHEDULED = facts(send_date=LATER, ignore_user_timezone=True)


def refused() -> PushwooshError:
    """A 210."""
    return InvalidRequestError("not here", http_status=200, status_code=210, delivery="rejected")


def refused_after_doubt() -> PushwooshError:
    """A 210 to a repeat of what was not answered."""
    return InvalidRequestError("not here", http_status=200, status_code=210, delivery="in_doubt")


def missing() -> PushwooshError:
    """A 404 in the API's own envelope."""
    return AuthenticationError("not here", http_status=200, status_code=404, delivery="not_sent")


def lost() -> PushwooshError:
    """An answer that never came."""
    return TransportError("reset", delivery="in_doubt")


def failed() -> PushwooshError:
    """A 500."""
    return ServerError("failed", http_status=500)


def unsent() -> PushwooshError:
    """A refused connection."""
    return TransportError("refused", delivery="not_sent")


def limited() -> PushwooshError:
    """A 429 too many."""
    return RateLimitedError("too many", http_status=429, delivery="not_sent")


def agreed() -> None:
    """A 200."""


Answer = Callable[[], PushwooshError | None]
Look = Answer | str | None  # a failure, or a status


class API:
    """Answers as it is told, for each code; remembers what it was asked, and how much at once."""

    def __init__(
        self,
        answer: Answer = agreed,
        look: Look = None,
        *,
        of: dict[str, Any] | None = None,
        turns: int = 3,
    ) -> None:
        self.answer = answer
        self.look = look
        self.of = of or {}
        self.turns = turns
        self.cancelled: list[str] = []
        self.looked: list[str] = []
        self.busy = self.most_busy = 0

    async def cancel(self, code: str) -> None:
        """Answer as cancelMessage, a few turns later."""
        self.cancelled.append(code)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            for _ in range(self.turns):
                await anyio.lowlevel.checkpoint()
        finally:
            self.busy -= 1
        error = self.of.get(code, (self.answer, None))[0]()
        if error is not None:
            raise error

    async def details(self, code: str) -> MessageDetails:
        """Answer as getMessageDetails."""
        self.looked.append(code)
        await anyio.lowlevel.checkpoint()
        look = self.of[code][1] if code in self.of else self.look
        if callable(look):
            error = look()
            assert error is not None
            raise error
        return MessageDetails(
            id=1,
            code=code,
            created=None,
            send_date=None,
            status=look,
            content={},
            platforms=(),
            ignore_user_timezone=None,
            data=None,
            raw={},
        )


class Notes:
    """A journal's table of recalls."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, RecallResult, float]] = []

    def __call__(self, path: str, result: RecallResult, at: float) -> None:
        self.rows.append((path, result, at))

    @property
    def cancelled(self) -> set[str]:
        """Paths that a later recall need not ask about."""
        return {path for path, result, _ in self.rows if result == "cancelled"}


async def take_back(
    records: Iterable[Record] | Pages,
    api: API,
    *,
    run: RunFacts = SCHEDULED,
    cancelled: Iterable[str] = (),
    note: Callable[[str, RecallResult, float], None] | None = None,
    now: float = NOW,
    concurrency: int = 4,
) -> RecallReport:
    """Recall a run."""
    pages = records if isinstance(records, Pages) else Pages(list(records))
    try:
        return await recall(
            run,
            pages.read(),
            cancelled=frozenset(cancelled),
            cancel=api.cancel,
            details=api.details,
            note=note or Notes(),
            clock=FakeClock(wall=now),
            concurrency=concurrency,
        )
    finally:
        assert pages.closed


def accepted(count: int) -> list[Record]:
    """So many accepted chunks of 20."""
    return [record(str(number), code=f"C-{number}") for number in range(count)]


async def fate_of_one(api: API, *, now: float) -> tuple[str, str]:
    """Recall a run of one message; return the name of the only count that is not 0, and the reason."""
    report = await take_back(accepted(1), api, now=now)
    assert report.total == 20
    [name] = [name for name, count in report.chunks.items() if count]
    assert getattr(report, name) == 20
    assert name == "cancelled" or [entry.result for entry in report.entries] == [name]
    return name, report.entries[0].reason if report.entries else ""


# -- what an answer means -----------------------------------------------------------------------------


async def test_message_is_cancelled_by_its_code() -> None:
    """Where the API agrees and the date is far ahead, one request is all."""
    api, notes = API(), Notes()
    report = await take_back(accepted(3), api, note=notes)
    assert sorted(api.cancelled) == ["C-0", "C-1", "C-2"]
    assert api.looked == []
    assert (report.cancelled, report.total, report.entries) == (60, 60, ())
    assert sorted(notes.rows) == [(path, "cancelled", NOW) for path in ("0", "1", "2")]


ABOUT_THE_CODE = [refused, refused_after_doubt, missing]


@pytest.mark.parametrize("answer", [agreed, lost, failed, *ABOUT_THE_CODE])
@pytest.mark.parametrize("status", ["done", "DONE", "processing"])
async def test_sent_message_is_too_late(answer: Answer, status: str) -> None:
    """Whatever the API answers to cancelling what has gone out, even that it agrees."""
    name, reason = await fate_of_one(API(answer, status), now=DATE + HOUR)
    assert name == "too_late"
    assert status.lower() in reason


@pytest.mark.parametrize("answer", [agreed, lost, failed, *ABOUT_THE_CODE])
@pytest.mark.parametrize("now", [NOW, DATE + HOUR])
@pytest.mark.parametrize("status", ["canceled", "CANCELED", "cancelled"])
async def test_message_cancelled_before_is_cancelled(
    answer: Answer, now: float, status: str
) -> None:
    """Whatever the API answers the second time: it was by hand, or by a call whose answer was lost."""
    assert await fate_of_one(API(answer, status), now=now) == ("cancelled", "")


@pytest.mark.parametrize("answer", ABOUT_THE_CODE)
@pytest.mark.parametrize("look", [refused, missing])
@pytest.mark.parametrize("now", [NOW, DATE + HOUR])
async def test_code_that_the_api_does_not_know(answer: Answer, look: Answer, now: float) -> None:
    """Neither cancelled nor sent, as far as anybody can tell; the reason says which kind of unknown."""
    name, reason = await fate_of_one(API(answer, look), now=now)
    assert name == "unknown"
    assert reason == "the API does not know the code: not here"


@pytest.mark.parametrize("answer", [lost, failed, *ABOUT_THE_CODE])
@pytest.mark.parametrize("look", ["pending", "waiting", "fail", "", None, "x" * 999, lost, unsent])
async def test_no_clear_answer(answer: Answer, look: Look) -> None:
    """It is said so, with what was said, in few words; nothing is guessed."""
    name, reason = await fate_of_one(API(answer, look), now=NOW)
    assert name == "unknown"
    assert reason.startswith(f"no clear answer: {answer()}; ")
    assert len(reason) < 200


@pytest.mark.parametrize("answer", [unsent, limited])
async def test_request_that_never_arrived_is_no_clear_answer(answer: Answer) -> None:
    """It changed nothing, so nobody looks whether it did."""
    api = API(answer, "canceled")
    name, reason = await fate_of_one(api, now=NOW)
    assert (name, reason) == ("unknown", f"no clear answer: {answer()}")
    assert api.looked == []


@pytest.mark.parametrize("look", ["pending", None, refused, lost])
async def test_agreement_at_the_date_proves_nothing(look: Look) -> None:
    """Where the date may have come, an OK without a status that agrees leaves it unknown."""
    assert (await fate_of_one(API(agreed, look), now=DATE))[0] == "unknown"


ONE_INSTANT = {"ignore_user_timezone": True}


@pytest.mark.parametrize(
    ("fields", "certain_until"),
    [
        (ONE_INSTANT, DATE - FIFTH),
        ({}, DATE - 14 * HOUR - FIFTH),
        ({"ignore_user_timezone": False}, DATE - 14 * HOUR - FIFTH),
        ({**ONE_INSTANT, "timezone": "Asia/Tokyo"}, DATE - 14 * HOUR - FIFTH),
    ],
)
@pytest.mark.parametrize("seconds", [-1.0, 0.0, 1.0])
async def test_agreement_counts_while_the_date_is_certainly_ahead(
    fields: dict[str, Any], certain_until: float, seconds: float
) -> None:
    """In any zone that may be meant, and by clocks five minutes apart; then its status is looked at."""
    api = API(agreed, "done")
    run = facts(send_date=LATER, **fields)
    report = await take_back(accepted(1), api, run=run, now=certain_until + seconds)
    certain = seconds < 0
    assert (report.cancelled, report.too_late) == ((20, 0) if certain else (0, 20))
    assert len(api.looked) == (0 if certain else 1)


async def test_zone_of_the_machine_plays_no_part() -> None:
    """The date is in UTC."""
    with machine_in_tokyo():
        report = await take_back(accepted(1), API(agreed, "done"), now=DATE - FIFTH - 1)
        assert report.cancelled == 20
        report = await take_back(accepted(1), API(agreed, "done"), now=DATE - FIFTH)
        assert report.too_late == 20


# -- what is asked about ------------------------------------------------------------------------------

STATES = st.sampled_from(State)
LIVES = st.tuples(STATES, st.sampled_from(["none", "inherited", "own"]), st.integers(1, 1000))
CODES = st.sampled_from(["C", "C", "C", None, "", " "])
ANSWERS: st.SearchStrategy[tuple[Answer, Look]] = st.tuples(
    st.sampled_from([agreed, *ABOUT_THE_CODE, lost, failed, unsent]),
    st.sampled_from(["done", "canceled", "pending", None, refused, lost]),
)


@given(
    st.lists(st.tuples(LIVES, CODES, ANSWERS, st.booleans()), max_size=12),
    st.integers(1, 5),
    st.sampled_from([NOW, DATE]),
)
async def test_books_balance(
    chunks: list[tuple[Any, str | None, Any, bool]], concurrency: int, now: float
) -> None:
    """Who may have been sent to is in one count, nobody else in any; the rest of the report agrees."""
    api, notes = API(), Notes()
    records, before, may_get_it = [], set(), {}
    for number, ((state, doubt, recipients), given_code, answer, done) in enumerate(chunks):
        path = str(number)
        code = f"C-{number}" if given_code == "C" else given_code
        api.of[f"C-{number}"] = answer
        made = record(
            path,
            state,
            code=code if state is State.ACCEPTED else None,
            own_doubt=doubt == "own" or state is State.IN_DOUBT,
            inherited=doubt == "inherited" and state is not State.IN_DOUBT,
            recipients=recipients,
        )
        records.append(made)
        if done:
            before.add(path)
        sent = state in {State.ACCEPTED, State.IN_FLIGHT, State.IN_DOUBT, State.EXPIRED}
        if sent or (state is State.PLANNED and made.life.inherited):
            may_get_it[path] = made

    report = await take_back(
        records, api, cancelled=before, note=notes, now=now, concurrency=concurrency
    )

    assert report.total == sum(each.recipients for each in may_get_it.values())
    assert sum(report.chunks.values()) == len(may_get_it)
    for name, count in report.chunks.items():
        if name != "cancelled":
            own = [entry for entry in report.entries if entry.result == name]
            assert len(own) == count
            assert sum(entry.recipients for entry in own) == getattr(report, name)
    assert [entry.start for entry in report.entries] == sorted(
        entry.start for entry in report.entries
    )
    taken = {path: each for path, each in may_get_it.items() if each.life.state is State.ACCEPTED}
    doubts = set(may_get_it) - set(taken)
    assert doubts <= {entry.path for entry in report.entries if entry.result == "in_doubt"}
    asked = {f"C-{path}" for path, each in taken.items() if each.life.message_code == f"C-{path}"}
    assert sorted(api.cancelled) == sorted(asked - {f"C-{path}" for path in before})
    assert sorted(path for path, _, _ in notes.rows) == sorted(set(taken) - before)


async def test_chunk_without_a_code_cannot_be_cancelled() -> None:
    """It is named, and noted; nobody is asked."""
    api, notes = API(), Notes()
    report = await take_back([record("7", recipients=9)], api, note=notes)
    [entry] = report.entries
    assert (entry.result, entry.path, entry.recipients, entry.message_code) == (
        "no_code",
        "7",
        9,
        None,
    )
    assert (entry.start, entry.stop, entry.transaction_id) == (140, 160, "tid-7")
    assert (report.no_code, report.chunks["no_code"]) == (9, 1)
    assert (api.cancelled, api.looked) == ([], [])
    assert notes.rows == [("7", "no_code", NOW)]


async def test_chunk_in_doubt_is_named_with_its_reason() -> None:
    """One whose process ended in mid-flight among them: it may have been scheduled."""
    doubts = [
        record("0", State.EXPIRED, own_doubt=True, reason="reset"),
        record("1", State.IN_FLIGHT),
    ]
    report = await take_back(doubts, API())
    assert (report.in_doubt, report.total) == (40, 40)
    assert [entry.reason for entry in report.entries] == [
        "reset",
        "its process ended without an outcome",
    ]


@pytest.mark.parametrize("before", [(), ("0#1",)])
async def test_chunk_sent_again_stays_in_doubt(before: tuple[str, ...]) -> None:
    """Its own message is cancelled, and noted so, but the first one may have been scheduled too."""
    api, notes = API(), Notes()
    records = [
        record("0", State.SUPERSEDED, own_doubt=True),
        record("0#1", code="C", inherited=True),
    ]
    report = await take_back(records, api, cancelled=before, note=notes)
    assert (report.cancelled, report.in_doubt, report.total) == (0, 20, 20)
    assert [(entry.path, entry.result) for entry in report.entries] == [("0#1", "in_doubt")]
    assert "cancelled; but" in report.entries[0].reason
    assert notes.cancelled | set(before) == {"0#1"}


async def test_what_was_cancelled_is_not_asked_again() -> None:
    """A second recall asks only about the rest, and its report has everybody."""
    notes = Notes()
    first = API(of={"C-1": (unsent, None), "C-3": (refused, "pending")})
    await take_back(accepted(5), first, note=notes)
    second = API()
    report = await take_back(accepted(5), second, cancelled=notes.cancelled, note=notes)
    assert sorted(second.cancelled) == ["C-1", "C-3"]
    assert (report.cancelled, report.total) == (100, 100)
    third = API()
    await take_back(accepted(5), third, cancelled=notes.cancelled)
    assert third.cancelled == []


# -- which runs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "notification",
    [
        {},
        {"send_date": "now"},
        {"send_date": "2023-11-14 22:13", **ONE_INSTANT},
        {"send_date": "2023-11-14 10:13"},  # twelve hours ago: over everywhere
        {"send_date": "2001-01-01 00:00:00", "ignore_user_timezone": False},
    ],
)
async def test_run_sent_at_once_is_refused(notification: dict[str, Any]) -> None:
    """Before anybody is asked: there is nothing to recall."""
    api = API()
    pages = Pages(accepted(2))
    with pytest.raises(ConfigurationError, match=r"^journal: .*nothing to recall"):
        await recall(
            facts(**notification),
            pages.read(),
            cancelled=(),
            cancel=api.cancel,
            details=api.details,
            note=Notes(),
            clock=FakeClock(),
            concurrency=1,
        )
    assert (api.cancelled, pages.handed_out) == ([], 0)


@pytest.mark.parametrize(
    "notification",
    [
        {"send_date": "2023-11-14 22:14", **ONE_INSTANT},
        {"send_date": "2023-11-14 10:14"},  # still to come at UTC-12
        {"send_date": "2023-11-14 10:14", **ONE_INSTANT, "timezone": "America/New_York"},
    ],
)
async def test_run_that_was_scheduled_is_recalled_past_its_date(
    notification: dict[str, Any],
) -> None:
    """What counts is that the date was to come when the run began; each message tells how it stands."""
    report = await take_back(
        accepted(1), API(agreed, "canceled"), run=facts(**notification), now=NOW + 1000 * HOUR
    )
    assert report.cancelled == 20


@pytest.mark.parametrize(
    ("status", "name"), [("canceled", "cancelled"), ("done", "too_late"), ("pending", "unknown")]
)
async def test_each_of_different_messages_tells_how_it_stands(status: str, name: str) -> None:
    """Their dates are not in the journal: an OK proves nothing, however early, nor is the run refused."""
    run = evolve(facts(), kind=RECIPIENTS)
    api = API(agreed, status)
    report = await take_back(accepted(2), api, run=run, now=1.0)
    assert (getattr(report, name), report.total) == (40, 40)
    assert len(api.cancelled) == len(api.looked) == 2


# -- what goes wrong ----------------------------------------------------------------------------------


async def test_failure_of_one_does_not_end_the_rest() -> None:
    """Each has its own result."""
    api = API(
        of={"C-0": (unsent, None), "C-2": (failed, lost), "C-4": (refused, refused)},
    )
    report = await take_back(accepted(6), api, concurrency=1)
    assert [(entry.path, entry.result) for entry in report.entries] == [
        ("0", "unknown"),
        ("2", "unknown"),
        ("4", "unknown"),
    ]
    assert report.chunks["cancelled"] == 3


RUN_LEVEL: list[Callable[[], PushwooshError]] = [
    lambda: AuthenticationError("no", http_status=401, delivery="not_sent"),
    lambda: AuthenticationError("no", http_status=200, status_code=403, delivery="not_sent"),
    lambda: AuthenticationError("no", http_status=404, delivery="not_sent"),
    lambda: RedirectError("elsewhere", http_status=302),
    lambda: TransportError("untrusted", permanent=True, delivery="not_sent"),
    lambda: ConfigurationError("api_token: not given"),
]


@pytest.mark.parametrize("error", RUN_LEVEL)
@pytest.mark.parametrize("concurrency", [1, 3])
@pytest.mark.parametrize("by", ["cancel", "details"])
async def test_refusal_that_every_message_would_meet_stops_it(
    error: Callable[[], PushwooshError], concurrency: int, by: str
) -> None:
    """It is raised as it is; what was under way is noted, nothing else is asked."""
    answer = (error, None) if by == "cancel" else (refused, error)
    api, notes, pages = API(of={"C-4": answer}), Notes(), Pages(accepted(40))
    with pytest.raises(PushwooshError) as caught:
        await take_back(pages, api, note=notes, concurrency=concurrency)
    assert type(caught.value) is type(error())
    assert str(caught.value) == str(error())
    others = concurrency - 1
    under_way = others if by == "cancel" else 2 * others  # some began while it was looked at
    assert len(api.cancelled) <= 5 + under_way
    assert pages.handed_out < 20
    assert notes.cancelled == {code[2:] for code in api.cancelled} - {"4"}
    [told] = caught.value.__notes__
    assert f"{len(notes.cancelled)} cancelled" in told


async def test_first_failure_is_the_one_that_is_raised() -> None:
    """What comes after it, from what was under way, would only hide it."""
    api = API(of={"C-0": (RUN_LEVEL[0], None), "C-1": (RUN_LEVEL[3], None)})
    with pytest.raises(AuthenticationError):
        await take_back(accepted(5), api, concurrency=2)


class Full(Notes):
    """A journal whose disk is full from the third row on."""

    def __call__(self, path: str, result: RecallResult, at: float) -> None:
        if len(self.rows) == 2:
            raise JournalError("full")
        super().__call__(path, result, at)


@pytest.mark.parametrize("codes", [True, False])
async def test_journal_that_takes_no_more_ends_it(codes: bool) -> None:
    """Its error comes as it is, not in a group."""
    records = accepted(30) if codes else [record(str(number)) for number in range(30)]
    api, notes = API(), Full()
    with pytest.raises(JournalError, match="full"):
        await take_back(records, api, note=notes, concurrency=2)
    assert len(notes.rows) == 2
    assert len(api.cancelled) < 8


async def test_records_that_cannot_be_read_end_it() -> None:
    """What was under way is noted; the error comes as it is."""
    api, notes = API(), Notes()
    pages = Pages(accepted(4), error=JournalError("damaged"))
    with pytest.raises(JournalError, match="damaged"):
        await recall(
            SCHEDULED,
            pages.read(),
            cancelled=(),
            cancel=api.cancel,
            details=api.details,
            note=notes,
            clock=FakeClock(),
            concurrency=2,
        )
    assert len(notes.cancelled) >= 2
    assert notes.cancelled == {code[2:] for code in api.cancelled}
    assert pages.closed


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("concurrency", [1, 2, 7])
def test_so_many_at_once(backend: str, concurrency: int) -> None:
    """No more than asked for, and no fewer; records are read as they are needed."""
    api, notes = API(turns=20), Notes()
    pages = Pages(accepted(30), size=1)
    ahead = []

    def note(path: str, result: RecallResult, at: float) -> None:
        notes(path, result, at)
        ahead.append(pages.handed_out - len(notes.rows))

    async def main() -> None:
        await recall(
            SCHEDULED,
            pages.read(),
            cancelled=(),
            cancel=api.cancel,
            details=api.details,
            note=note,
            clock=FakeClock(),
            concurrency=concurrency,
        )

    anyio.run(main, backend=backend)
    assert api.most_busy == concurrency
    assert len(notes.rows) == 30
    assert max(ahead) <= concurrency + 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelled_recall_leaves_true_notes(backend: str) -> None:
    """At whatever turn it ends: what is noted was cancelled, and the reading is closed."""

    def attempt(turns: int) -> bool:
        api, notes = API(), Notes()

        async def main() -> bool:
            async with anyio.create_task_group() as group:

                async def stop() -> None:
                    for _ in range(turns):
                        await anyio.lowlevel.checkpoint()
                    group.cancel_scope.cancel()

                group.start_soon(stop)
                await take_back(accepted(4), api, note=notes, concurrency=2)
                return True
            return False

        ended = bool(anyio.run(main, backend=backend))
        assert notes.cancelled <= {code[2:] for code in api.cancelled}
        assert api.busy == 0
        return ended

    outcomes = [attempt(turns) for turns in range(40)]
    assert (outcomes[0], outcomes[-1]) == (False, True)


@pytest.mark.parametrize("concurrency", [0, 10_001])
async def test_concurrency_has_bounds(concurrency: int) -> None:
    """From 1 to 10,000."""
    api = API()
    with pytest.raises(ConfigurationError, match=r"^concurrency: must be 1 to 10000, got "):
        await recall(
            SCHEDULED,
            Pages([]).read(),
            cancelled=(),
            cancel=api.cancel,
            details=api.details,
            note=Notes(),
            clock=FakeClock(),
            concurrency=concurrency,
        )


# -- the whole, over HTTP -----------------------------------------------------------------------------

IDS = [f"u{number}" for number in range(20)]
LATER_STILL = "2999-01-01 10:00"  # for a sandbox that goes by the machine's clock


async def schedule(client: PushwooshClient, date: str) -> str:
    """Schedule one message; return its code."""
    message = Notification(content="Hi", users=IDS, send_date=date, ignore_user_timezone=True)
    [code] = (await client.create_message(message)).message_codes
    assert code is not None
    return code


async def test_recall_from_a_server(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient, pushwoosh_clock: FakeClock
) -> None:
    """Pending, lost on the way back, cancelled by hand, sent, unknown, without a code: each its own way."""
    client = pushwoosh_client
    codes = [await schedule(client, date) for date in [LATER] * 6 + ["2023-11-15 10:00"]]
    await client.cancel_message(codes[3])
    await client.delete_message(codes[4])
    pushwoosh_clock.advance(DATE - NOW - HOUR)
    records = [record(str(number), code=code) for number, code in enumerate(codes)]
    records += [record("7", code="AB-CD"), record("8"), record("9", State.IN_FLIGHT)]
    notes = Notes()
    pushwoosh_sandbox.script(["reset_after", "error_500_after"])

    async def again() -> RecallReport:
        return await recall(
            SCHEDULED,
            Pages(records).read(),
            cancelled=notes.cancelled,
            cancel=client.cancel_message,
            details=client.get_message_details,
            note=notes,
            clock=pushwoosh_clock,
            concurrency=4,
        )

    report = await again()
    assert [(entry.path, entry.result) for entry in report.entries] == [
        ("4", "unknown"),
        ("6", "too_late"),
        ("7", "unknown"),
        ("8", "no_code"),
        ("9", "in_doubt"),
    ]
    assert report.chunks["cancelled"] == 5
    assert pushwoosh_sandbox.truth().cancelled == 6  # with the two by hand
    for number in (0, 1, 2, 5):
        assert (await client.get_message_details(codes[number])).status == "canceled"
    asked = pushwoosh_sandbox.truth().by_method["cancelMessage"]
    assert await again() == report
    assert pushwoosh_sandbox.truth().by_method["cancelMessage"] == asked + 3


async def test_recall_with_a_refused_token(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient, connect: Callable[..., Any]
) -> None:
    """It stops, and nothing is cancelled; with the right one it goes on."""
    records = [
        record(str(number), code=await schedule(pushwoosh_client, LATER_STILL))
        for number in range(30)
    ]

    async def by(client: PushwooshClient) -> RecallReport:
        return await recall(
            facts(send_date=LATER_STILL, ignore_user_timezone=True),
            Pages(records).read(),
            cancelled=(),
            cancel=client.cancel_message,
            details=client.get_message_details,
            note=Notes(),
            clock=FakeClock(),
            concurrency=4,
        )

    with pytest.raises(AuthenticationError):
        await by(connect(pushwoosh_sandbox, api_token="another"))
    truth = pushwoosh_sandbox.truth()
    assert truth.cancelled == 0
    assert truth.by_method["cancelMessage"] < 10
    assert (await by(pushwoosh_client)).cancelled == 600
    assert pushwoosh_sandbox.truth().cancelled == 30


# -- afterwards ---------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(State), st.booleans(), st.booleans()), max_size=6))
async def test_recalled_is_what_the_report_of_a_recall_calls_cancelled(
    chunks: list[tuple[State, bool, bool]],
) -> None:
    """Whatever else is in the journal; and what was not cancelled is not counted."""
    records = [
        record(str(n), state, code=f"C-{n}", inherited=inherited)
        for n, (state, inherited, _) in enumerate(chunks)
    ]
    noted = {str(n) for n, (_, _, cancelled) in enumerate(chunks) if cancelled}
    report = await take_back(records, API(missing), cancelled=noted)
    assert recalled_of(records, noted) == report.cancelled
