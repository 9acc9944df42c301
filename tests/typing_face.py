"""The public face as mypy sees it: checked, never run.

Calls as users write them, with the types that come out; and what must not pass, each line with the
complaint that it has to get: a `type: ignore` that is not needed any more is an error itself.
"""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, assert_type

import httpx
import httpx2

import pushwoosh_async as pa
from pushwoosh_async import (
    IOS,
    SMS,
    Accepted,
    Android,
    APIError,
    App,
    AsyncPersonalised,
    AttemptEvent,
    BatchingSender,
    ChunkOutcome,
    Clock,
    ConfigurationError,
    Delivery,
    Device,
    Evidence,
    FanOut,
    Filter,
    Geozone,
    Hooks,
    IdFile,
    LoggingHooks,
    MessageDetails,
    MessageResult,
    MessageTotals,
    Notification,
    OutcomeEvent,
    Personalised,
    Platform,
    Progress,
    PushHistoryRow,
    PushwooshClient,
    PushwooshError,
    RateLimit,
    RateLimitedError,
    RecallEntry,
    RecallReport,
    RecipientCounts,
    RecipientLabel,
    ReconcileReport,
    RetryEvent,
    RetryPolicy,
    RowFile,
    RunRecord,
    RunSlice,
    RunStatus,
    RunStoppedError,
    Safari,
    Salvage,
    SendReport,
    Stamp,
    StringTag,
    SystemClock,
    TargetedMessage,
    TargetedMessageResult,
    TransportError,
    VoIPCall,
    Windows,
    label_recipients,
    personalise,
    purge_journal,
    read_ids,
    read_journal,
    read_rows,
    read_status,
    salvage_journal,
    unknown_recipients,
    wns_content,
)
from pushwoosh_async.sandbox import Fault, Sandbox, Truth
from pushwoosh_async.testing import FakeClock

# -- clients -----------------------------------------------------------------------------------


async def _later() -> str:
    return "token"


class MyHooks(Hooks):
    """Overrides one of three."""

    def on_retry(self, event: RetryEvent) -> None:
        assert_type(event.method, str)
        assert_type(event.transaction_ids, tuple[str, ...])
        assert_type(event.number, int)
        assert_type(event.delay, float)
        assert_type(event.delivery, Delivery)
        assert_type(event.reason, str)


class WrongHooks(Hooks):
    """Overrides with another type."""

    def on_retry(self, event: AttemptEvent) -> None:  # type: ignore[override]
        ...


async def clients() -> None:
    """Every option that there is."""
    async with PushwooshClient(api_token="token", application="XXXXX-XXXXX") as client:
        assert_type(client, PushwooshClient)
    PushwooshClient()
    PushwooshClient(api_token=lambda: "token")
    PushwooshClient(api_token=_later)
    PushwooshClient(
        api_token="token",
        applications_group="GROUP",
        base_url="https://api.example",
        timeout=10,
        max_connections=16,
        retry=RetryPolicy(max_attempts=3, base_delay=0.5, max_delay=20, window=300, margin=120),
        rate_limit=RateLimit(requests=600, per=60, burst=10),
        transport="aiohttp",
        ssl_context=ssl.create_default_context(),
        proxy="http://127.0.0.1:8080",
        trust_env=True,
        hooks=MyHooks(),
        clock=SystemClock(),
    )
    PushwooshClient(rate_limit=None, hooks=LoggingHooks(), clock=FakeClock())
    async with httpx.AsyncClient() as theirs, httpx2.AsyncClient() as theirs_too:
        PushwooshClient(http_client=theirs)
        PushwooshClient(http_client=theirs_too)
    assert_type(await client.aclose(), None)
    clock: Clock = FakeClock()
    assert_type(clock.stamp(), Stamp)

    PushwooshClient("token")  # type: ignore[call-arg]
    PushwooshClient(api_key="token")  # type: ignore[call-arg]
    PushwooshClient(api_token=b"token")  # type: ignore[arg-type]
    PushwooshClient(api_token=lambda: 7)  # type: ignore[arg-type]
    PushwooshClient(application=7)  # type: ignore[arg-type]
    PushwooshClient(timeout="30")  # type: ignore[arg-type]
    PushwooshClient(timeout=None)  # type: ignore[arg-type]
    PushwooshClient(max_connections=1.5)  # type: ignore[arg-type]
    PushwooshClient(retry=3)  # type: ignore[arg-type]
    PushwooshClient(retry=None)  # type: ignore[arg-type]
    PushwooshClient(rate_limit=600)  # type: ignore[arg-type]
    PushwooshClient(transport="requests")  # type: ignore[arg-type]
    PushwooshClient(http_client=httpx.Client())  # type: ignore[arg-type]
    PushwooshClient(ssl_context=False)  # type: ignore[arg-type]
    PushwooshClient(hooks=print)  # type: ignore[arg-type]
    RetryPolicy(3)  # type: ignore[call-arg]
    RetryPolicy(max_attempts="3")  # type: ignore[arg-type]
    RetryPolicy().window = 1  # type: ignore[misc]
    RateLimit(600, 60)  # type: ignore[call-arg]
    RateLimit(requests="600")  # type: ignore[arg-type]
    RateLimit(adaptive=True)
    read_rows("users.csv", column="id", placeholders=["a"], empty="kept")
    RateLimit(adaptive="yes")  # type: ignore[arg-type]
    with PushwooshClient():  # type: ignore[attr-defined]
        pass


# -- messages ----------------------------------------------------------------------------------


def messages(moment: datetime, day: date, wire: Mapping[str, Any]) -> None:
    """A notification takes the documented fields, by name."""
    Notification(content="Hello", users=["u1"])
    Notification(
        content={"en": "Hi", "de": "Hallo"},
        title="T",
        send_date=moment,
        timezone="Europe/Berlin",
        platforms=[Platform.IOS, 99],
        geozone=Geozone(lat=52.5, lng=13.4, range=100),
        minimize_link=0,
        data={"a": [1, None]},
        transaction_id="T1",
        inbox_date=day,
        conditions=[("City", "IN", ["Berlin", "Bonn"]), ("Age", "ANY")],
        conditions_operator="OR",
        ios=IOS(badges="+1"),
    )
    Notification(devices=("d1", "d2"), send_date="now")
    assert_type(Notification.from_wire(wire), Notification)
    assert_type(Notification().to_wire(), dict[str, Any])
    assert_type(Notification().users, Sequence[str] | None)

    Notification("Hello")  # type: ignore[call-arg, arg-type]
    Notification(text="Hello")  # type: ignore[call-arg]
    Notification(content=7)  # type: ignore[arg-type]
    Notification(users={"u1"})  # type: ignore[arg-type]
    Notification(users=[1, 2])  # type: ignore[list-item]
    Notification(users=iter(["u1"]))  # type: ignore[arg-type]
    Notification(minimize_link=1)  # type: ignore[arg-type]
    Notification(conditions_operator="XOR")  # type: ignore[arg-type]
    Notification().content = "Hello"  # type: ignore[misc]


async def one_message(client: PushwooshClient, notification: Notification) -> None:
    """One call, one result."""
    result = await client.create_message(notification)
    assert_type(result, MessageResult)
    assert_type(result.message_codes, tuple[str | None, ...])
    assert_type(result.unknown_devices, Mapping[str, tuple[str, ...]])
    assert_type(result.transaction_ids, tuple[str, ...])
    assert_type(await client.create_message([notification, notification]), MessageResult)
    assert_type(await client.create_message((notification,)), MessageResult)
    assert_type(await client.broadcast(notification, confirm="XXXXX-XXXXX"), MessageResult)

    await client.create_message("Hello")  # type: ignore[arg-type]
    await client.create_message({"content": "Hello"})  # type: ignore[arg-type]
    await client.create_message()  # type: ignore[call-arg]
    await client.broadcast(notification)  # type: ignore[call-arg]
    await client.broadcast(notification, "XXXXX-XXXXX")  # type: ignore[call-arg]
    await client.broadcast(notification, confirm=True)  # type: ignore[arg-type]
    result.message_codes[0].lower()  # type: ignore[union-attr]
    del client.create_message(notification).message_codes  # type: ignore[attr-defined]


def fields_of_platforms() -> None:
    """A platform's fields under their own names; closed lists are literals, what is required is."""
    ios = IOS(title={"en": "Hi"}, badges="+1", interruption_level="time-sensitive", silent=True)
    android = Android(content="Hi", priority=-2, delivery_priority="high", silent=1)
    notification = Notification(ios=ios, android=android, voip=VoIPCall(call_id="42", cancel=True))
    assert_type(notification.ios, IOS | None)
    assert_type(wns_content("<badge/>"), str)
    Windows(content=wns_content({"en": "<badge/>"}), type="Badge")
    Safari(url_args=())
    Notification(conditions=[StringTag("City").eq("Paris"), ("Age", "GTE", 18)])

    IOS(interruption_level="loud")  # type: ignore[arg-type]
    IOS(badges=1.5)  # type: ignore[arg-type]
    Android(delivery_priority="low")  # type: ignore[arg-type]
    Android(led=0xFF0000)  # type: ignore[arg-type]
    Notification(ios=android)  # type: ignore[arg-type]
    Windows(type="Badge")  # type: ignore[call-arg]
    Safari(title="Hi")  # type: ignore[call-arg]
    VoIPCall(call_id=1.5)  # type: ignore[arg-type]
    Notification(conditions=[App("AAAAA-BBBBB")])  # type: ignore[list-item]


async def other_methods(client: PushwooshClient, segment: Filter) -> None:
    """Each method of the API, with the types that come out."""
    message = TargetedMessage(content="Hi", devices_filter=segment)
    sent = await client.create_targeted_message(message, all_applications=True)
    assert_type(sent, TargetedMessageResult)
    assert_type(sent.message_code, str | None)
    sms = SMS(content="Hi", phone_number="+1234567890", use_auto_registration=True)
    assert_type(await client.create_sms_message(sms), MessageResult)
    await client.delete_message("code")
    await client.cancel_message(None)
    details = await client.get_message_details(5)
    assert_type(details, MessageDetails)
    assert_type(details.platforms, tuple[int, ...])
    async for row in client.get_push_history(search_by="campaignCode", value="C", page_size=10):
        assert_type(row, PushHistoryRow)
        assert_type(row.sent, Mapping[str, Mapping[str, int]])
        assert_type(row.send_date, datetime | None)
    await client.register_device(Device(hwid="h", device_type=Platform.IOS, push_token="t"))
    await client.unregister_device("h")
    await client.register_user("u", hwid="h", tz_offset=3600)
    await client.set_tags({"City": "Paris"}, user_id="u")
    assert_type(await client.get_tags(hwid="h"), dict[str, Any])
    totals = await client.get_message_totals("code", platforms=[Platform.IOS, 99])
    assert_type(totals, MessageTotals)
    assert_type(totals.metrics[0].sends, int)

    TargetedMessage(content="Hi")  # type: ignore[call-arg]
    TargetedMessage(content="Hi", devices_filter="T", users=["u"])  # type: ignore[call-arg]
    SMS(content="Hi")  # type: ignore[call-arg]
    SMS(content={"en": "Hi"}, phone_number="+12")  # type: ignore[arg-type]
    Device(hwid="h")  # type: ignore[call-arg]
    await client.create_targeted_message(message, True)  # type: ignore[call-arg]
    await client.create_message(message)  # type: ignore[arg-type]
    await client.create_sms_message(message)  # type: ignore[arg-type]
    await client.get_push_history()  # type: ignore[misc]
    await client.get_message_details(1.5)  # type: ignore[arg-type]
    await client.register_user("u")  # type: ignore[call-arg]


# -- runs --------------------------------------------------------------------------------------


async def _stream() -> AsyncIterator[str]:
    yield "u1"


async def _pages() -> AsyncIterator[list[str]]:
    yield ["u1"]


def _generator() -> Iterator[str]:
    yield "u1"


async def many_messages(client: PushwooshClient, notification: Notification) -> None:
    """A run is awaited for its report, or entered and watched."""
    report = await client.fan_out(notification, users=["u1"], concurrency=16)
    assert_type(report, SendReport)
    for count in (
        report.accepted, report.rejected, report.in_doubt, report.not_sent, report.invalid,
        report.duplicates, report.total, report.requests, report.retries, report.unknown_devices,
    ):  # fmt: skip
        assert_type(count, int)
    assert_type(report.in_doubt_chunks, tuple[ChunkOutcome, ...])
    assert_type(report.stopped, str)

    run = client.fan_out(
        notification,
        devices=_stream(),
        chunk_size=500,
        send_id="campaign",
        dedupe=True,
        invalid="drop",
        on_rejected="stop",
        deadline=600,
    )
    assert_type(run, FanOut)
    async with run as entered:
        assert_type(entered, FanOut)
        async for outcome in entered:
            assert_type(outcome, ChunkOutcome)
            assert_type(outcome.outcome, Literal["accepted", "rejected", "in_doubt", "not_sent"])
            assert_type(outcome.ids, Sequence[str])
            assert_type(outcome.message_code, str | None)
            assert_type(entered.progress, Progress)
            assert_type(entered.progress.seconds_left, float | None)
            assert_type(entered.drain(), None)
    assert_type(run.report, SendReport)

    await client.fan_out(notification, users=("u1", "u2"))
    await client.fan_out(notification, users={"u1"})
    await client.fan_out(notification, users=_generator())
    await client.fan_out(notification, users=_pages())
    ids = read_ids("users.csv", column="user_id")
    assert_type(ids, IdFile)
    await client.fan_out(notification, users=ids)
    async for page in read_ids("ids.txt.gz", encoding="latin-1", page_size=100):
        assert_type(page, list[str])

    await client.fan_out(notification, users=[1])  # type: ignore[list-item]
    await client.fan_out(notification, users=b"u1")  # type: ignore[arg-type]
    await client.fan_out(notification, ["u1"])  # type: ignore[call-arg]
    await client.fan_out(notification, user=["u1"])  # type: ignore[call-arg]
    await client.fan_out([notification], users=["u1"])  # type: ignore[arg-type]
    await client.fan_out(notification, users=["u1"], concurrency="16")  # type: ignore[arg-type]
    await client.fan_out(notification, users=["u1"], invalid="ignore")  # type: ignore[arg-type]
    await client.fan_out(notification, users=["u1"], on_rejected="split")  # type: ignore[arg-type]
    await client.fan_out(notification, users=["u1"], journal=7)  # type: ignore[arg-type]
    await client.fan_out(notification, users=["u1"], resend_in_doubt=7)  # type: ignore[arg-type]
    del client.fan_out(notification, users=["u1"]).accepted  # type: ignore[attr-defined]
    report.accepted = 0  # type: ignore[misc]
    with run:  # type: ignore[attr-defined]
        pass
    for _ in run:  # type: ignore[attr-defined]
        pass
    read_ids("users.csv", "user_id")  # type: ignore[call-arg]
    read_ids("users.csv", format="xml")  # type: ignore[arg-type]


# -- personalised sends ------------------------------------------------------------------------


async def _recipients() -> AsyncIterator[tuple[str, dict[str, str]]]:
    yield "u1", {"firstname": "Ada"}


async def _pages_of_recipients() -> AsyncIterator[list[tuple[str, Mapping[str, str]]]]:
    yield [("u1", {"firstname": "Ada"})]


async def personalised(client: PushwooshClient, template: Notification) -> None:
    """Pairs from anywhere; what comes out is iterated as what went in."""
    rows = read_rows("users.csv", column="id", placeholders={"firstname": "first_name"})
    assert_type(rows, RowFile)
    async for page in rows:
        assert_type(page, list[tuple[str, dict[str, str]]])
    read_rows("users.jsonl.gz", field="id", placeholders=["firstname"], format="jsonl")

    assert_type(personalise(template, rows), AsyncPersonalised)
    await client.fan_out_each(personalise(template, rows), journal="campaign.db")
    assert_type(personalise(template, _recipients(), by="devices"), AsyncPersonalised)
    async for notification in personalise(template, _pages_of_recipients(), look_ahead=100):
        assert_type(notification, Notification)
    given = personalise(template, [("u1", {"firstname": "Ada"}), ("u2", {})])
    assert_type(given, Personalised)
    await client.fan_out_each(given)
    for notification in given:
        assert_type(notification, Notification)
    personalise(template, {"u1": {"firstname": "Ada"}}.items())
    personalise(template, ((f"u{number}", {"n": str(number)}) for number in range(9)))
    assert_type(given.recipe, str)
    assert_type(await given.fingerprint(), str)
    assert_type(AsyncPersonalised.from_recipe("{}", read_rows), AsyncPersonalised)

    read_rows("users.csv", column="id")  # type: ignore[call-arg]
    read_rows("users.csv", column=0, placeholders=["a"])  # type: ignore[arg-type]
    read_rows("users.csv", placeholders={"a": 1})  # type: ignore[dict-item]
    read_rows("users", column="id", placeholders=["a"], format="lines")  # type: ignore[arg-type]
    personalise(template, ["u1"])  # type: ignore[list-item]
    personalise(template, [("u1", {"n": 1})])  # type: ignore[dict-item]
    personalise(template, [], by="tags")  # type: ignore[call-overload]
    personalise("Hello", [])  # type: ignore[call-overload]
    personalise(template, [], "users")  # type: ignore[call-overload]


# -- the sender --------------------------------------------------------------------------------


async def sender(client: PushwooshClient, notification: Notification) -> None:
    """Every option, both recipients, and what comes out."""
    async with BatchingSender(client) as sending:
        assert_type(sending, BatchingSender)
    BatchingSender(
        client,
        max_delay=0.05,
        max_pending=10_000,
        max_pending_bytes=64_000_000,
        when_full="raise",
        concurrency=8,
        notifications_per_request="max",
        max_request_bytes=4_000_000,
    )
    accepted = await sending.send(notification, user="u1")
    assert_type(accepted, Accepted)
    assert_type(accepted.transaction_id, str)
    assert_type(accepted.message_code, str | None)
    assert_type(accepted.unknown, bool)
    assert_type(accepted.recipients, int)
    await sending.send(notification, device="d1")
    assert_type(await sending.flush(), None)
    assert_type(await sending.aclose(), None)

    BatchingSender()  # type: ignore[call-arg]
    BatchingSender(client, 0.05)  # type: ignore[call-arg]
    BatchingSender(client, when_full="drop")  # type: ignore[arg-type]
    BatchingSender(client, notifications_per_request="all")  # type: ignore[arg-type]
    await sending.send(notification, "u1")  # type: ignore[call-arg]
    await sending.send(notification, user=["u1"])  # type: ignore[arg-type]
    await sending.send("Hello", user="u1")  # type: ignore[arg-type]
    accepted.unknown = True  # type: ignore[misc]


# -- journals ----------------------------------------------------------------------------------


async def journals(client: PushwooshClient, notification: Notification, path: Path) -> None:
    """A run that survives; what its journal says, by path or text; what can be done about it."""
    await client.fan_out(
        notification,
        users=["u1"],
        journal="campaign.db",
        on_rejected="bisect",
        bisect_requests=100,
        retry_rejected=True,
        resend_in_doubt=["tid"],
        store_ids=True,
    )
    await client.fan_out(notification, users=["u1"], journal=path, resend_in_doubt=True)
    run = read_journal(path)
    assert_type(run, RunRecord)
    assert_type(run.report, SendReport)
    assert_type(run.created, datetime)
    assert_type(run.ended, datetime | None)
    assert_type(run.slices, tuple[RunSlice, ...])
    assert_type(run.slices[0].latencies, Mapping[float, int])
    assert_type(Notification.from_wire(run.notification), Notification)
    status = read_status("campaign.db")
    assert_type(status, RunStatus)
    assert_type(status.progress, Progress)
    assert_type(status.process, int | None)
    async for label in label_recipients(path, read_ids("users.txt")):
        assert_type(label, RecipientLabel)
        assert_type(
            label.outcome,
            Literal["accepted", "rejected", "in_doubt", "not_sent", "invalid", "duplicate"],
        )
        assert_type(label.unknown, bool | None)
    label_recipients(path, _pages())
    for unknown in unknown_recipients(path):
        assert_type(unknown, str)
    assert_type(salvage_journal(path, "new.db"), Salvage)
    assert_type(purge_journal(path), None)

    recalled = await client.recall("campaign.db", concurrency=4)
    assert_type(recalled, RecallReport)
    assert_type(recalled.entries, tuple[RecallEntry, ...])
    found = await client.reconcile(path, max_rows=100)
    assert_type(found, ReconcileReport)
    assert_type(found.evidence, tuple[Evidence, ...])
    assert_type(found.evidence[0].candidates, tuple[PushHistoryRow, ...])

    read_journal(7)  # type: ignore[arg-type]
    label_recipients(path, [1])  # type: ignore[arg-type]
    label_recipients(path)  # type: ignore[call-arg]
    await client.recall()  # type: ignore[call-arg]
    await client.recall(path, 4)  # type: ignore[call-arg]
    await client.reconcile(path, max_rows="all")  # type: ignore[arg-type]
    run.finished = True  # type: ignore[misc]
    for _ in label_recipients(path, ["u1"]):  # type: ignore[attr-defined]
        pass


# -- errors and hooks --------------------------------------------------------------------------


def errors(error: PushwooshError, rejected: APIError, stopped: RunStoppedError) -> None:
    """What each of them carries."""
    assert_type(error.delivery, Delivery)
    assert_type(error.method, str | None)
    assert_type(error.transaction_ids, tuple[str, ...])
    assert_type(error.report, RecipientCounts | None)
    assert_type(rejected.http_status, int)
    assert_type(rejected.status_code, int | None)
    assert_type(rejected.status_message, str)
    assert_type(rejected.retry_after, float | None)
    assert_type(stopped.report.accepted, int)
    a_value_error: ValueError = ConfigurationError("x")
    an_api_error: APIError = RateLimitedError("x", http_status=429)
    delivery: Literal["not_sent", "rejected", "in_doubt"] = error.delivery
    TransportError("x", delivery="not_sent")
    PushwooshError("x", delivery="lost")  # type: ignore[arg-type]
    del error.retry_after  # type: ignore[attr-defined]
    del a_value_error, an_api_error, delivery


def events(attempt: AttemptEvent, outcome: OutcomeEvent) -> None:
    """What hooks are told."""
    assert_type(attempt.number, int)
    assert_type(outcome.outcome, Literal["accepted"] | Delivery)
    assert_type(outcome.attempts, int)
    del attempt.body  # type: ignore[attr-defined]


# -- the sandbox -------------------------------------------------------------------------------


async def sandbox() -> None:
    """The stand-in that tests of users' programs talk to."""
    async with Sandbox(faults=[Fault("reset_after", 0.1)], repeat="empty") as running:
        assert_type(running, Sandbox)
        assert_type(running.url, str)
        assert_type(running.truth(), Truth)
        assert_type(running.ledger.deliveries("u1"), int)
        running.script(["html_before", None])
    Sandbox(repeat="maybe")  # type: ignore[arg-type]
    assert_type(pa.__version__, str)
