"""One message, and a broadcast, as a program sends them: against the sandbox, over real HTTP."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, get_args

import httpx
import pytest
from connecting import Connect

from pushwoosh_async import (
    APIError,
    AttemptEvent,
    AuthenticationError,
    Geozone,
    Hooks,
    InvalidRequestError,
    MessageResult,
    Notification,
    OutcomeEvent,
    PushwooshClient,
    PushwooshError,
    RateLimit,
    RateLimitedError,
    RetryEvent,
    RetryPolicy,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from pushwoosh_async.sandbox import Fault, Sandbox
from pushwoosh_async.sandbox.repeats import Repeat
from pushwoosh_async.testing import FakeClock

pytestmark = pytest.mark.usefixtures("bare_environment")

IDS = [f"u{number}" for number in range(1000)]
HI = Notification(content="Hi", users=["u1"])
ONCE = RetryPolicy(max_attempts=1)


class Record(Hooks):
    """Keeps every event, in order; raises where it is told to."""

    def __init__(self, raise_at: type | None = None) -> None:
        self.events: list[AttemptEvent | RetryEvent | OutcomeEvent] = []
        self.raise_at = raise_at

    def _keep(self, event: AttemptEvent | RetryEvent | OutcomeEvent) -> None:
        self.events.append(event)
        if type(event) is self.raise_at:
            raise LookupError("the hook's own")

    def on_attempt(self, event: AttemptEvent) -> None:
        self._keep(event)

    def on_retry(self, event: RetryEvent) -> None:
        self._keep(event)

    def on_outcome(self, event: OutcomeEvent) -> None:
        self._keep(event)


# -- what comes back ---------------------------------------------------------------------------


async def test_large_audience_has_a_message_code(sandbox: Sandbox, connect: Connect) -> None:
    """Ten recipients and more get one code, and the id it was sent with is a random UUID."""
    result = await connect(sandbox).create_message(Notification(content="Hi", users=IDS[:10]))
    [code], [transaction_id] = result.message_codes, result.transaction_ids
    assert code
    assert uuid.UUID(transaction_id).version == 4
    assert result.unknown_devices == {}
    [sent] = sandbox.ledger.notifications
    assert sent == {
        "content": "Hi",
        "users": IDS[:10],
        "send_date": "now",
        "transactionId": transaction_id,
    }


async def test_small_audience_has_none(sandbox: Sandbox, connect: Connect) -> None:
    """CODE_NOT_AVAILABLE is no code, and no failure."""
    result = await connect(sandbox).create_message(HI)
    assert result.message_codes == (None,)
    assert sandbox.ledger.deliveries("u1") == 1


async def test_scheduled_message_has_a_code_however_small(
    sandbox: Sandbox, connect: Connect
) -> None:
    """A message of another day can be cancelled, so it has a code for one recipient too."""
    later = Notification(content="Hi", users=["u1"], send_date="2999-01-01 10:00")
    result = await connect(sandbox).create_message(later)
    assert result.message_codes[0]


async def test_unknown_devices_are_named_by_code_or_by_none(
    sandbox: Sandbox, connect: Connect
) -> None:
    """What the application does not know is listed under the message's code, or under ""."""
    client = connect(sandbox)
    small = await client.create_message(Notification(content="Hi", users=["stranger", "u1"]))
    assert small.unknown_devices == {"": ("stranger",)}
    large = await client.create_message(Notification(content="Hi", devices=["stranger", *IDS[:9]]))
    assert large.unknown_devices == {large.message_codes[0]: ("stranger",)}
    assert sandbox.ledger.deliveries("stranger") == 0


@pytest.mark.parametrize("wrap", [list, tuple])
async def test_several_messages_go_in_one_request(
    sandbox: Sandbox, connect: Connect, wrap: Callable[[Any], Any]
) -> None:
    """Each has its own id and its own code, in the order given."""
    several = wrap([Notification(content=f"Hi {n}", users=IDS[: 5 * n]) for n in (1, 2, 3)])
    result = await connect(sandbox).create_message(several)
    assert [code is None for code in result.message_codes] == [True, False, False]
    assert len(set(result.message_codes)) == len(set(result.transaction_ids)) == 3
    sent = sandbox.ledger.notifications
    assert [one["content"] for one in sent] == ["Hi 1", "Hi 2", "Hi 3"]
    assert tuple(one["transactionId"] for one in sent) == result.transaction_ids
    assert sandbox.truth().requests == 1


@pytest.mark.parametrize(
    "audience",
    [
        {"devices": ["d1"]},
        {"filter": "Berlin"},
        {"conditions": [("City", "EQ", "Berlin")]},
        {"geozone": Geozone(lat=52.5, lng=13.4, range=100)},
        {"geozone": Geozone(lat=52.5, lng=13.4, range=100), "filter": "Berlin"},
    ],
    ids="+".join,
)
async def test_every_kind_of_audience_is_sent_and_is_no_broadcast(
    sandbox: Sandbox, connect: Connect, audience: dict[str, Any]
) -> None:
    """A filter, conditions and a zone name an audience as well as a list does."""
    await connect(sandbox).create_message(Notification(content="Hi", **audience))
    assert (sandbox.truth().accepted, sandbox.truth().broadcasts) == (1, 0)


async def test_broadcast_reaches_everybody(sandbox: Sandbox, connect: Connect) -> None:
    """Asked for by name it goes out, with a code and an id of its own."""
    result = await connect(sandbox).broadcast(Notification(content="Hi"), confirm="XXXXX-XXXXX")
    assert result.message_codes[0]
    [sent] = sandbox.ledger.notifications
    assert sent["transactionId"] == result.transaction_ids[0]
    assert sandbox.truth().broadcasts == 1


async def test_broadcast_is_repeated_under_one_id(sandbox: Sandbox, connect: Connect) -> None:
    """A lost answer makes no second broadcast."""
    sandbox.script(["reset_after", "html_before"])
    await connect(sandbox).broadcast(Notification(content="Hi"), confirm="XXXXX-XXXXX")
    truth = sandbox.truth()
    assert (truth.requests, truth.broadcasts, truth.replays) == (3, 1, 1)


# -- the transaction id ------------------------------------------------------------------------


async def test_preset_transaction_id_is_sent(sandbox: Sandbox, connect: Connect) -> None:
    """The caller's id is the one; among several, those without get one of their own."""
    mine = Notification(content="Hi", users=["u1"], transaction_id="order 66")
    result = await connect(sandbox).create_message([HI, mine])
    assert result.transaction_ids[1] == "order 66"
    assert uuid.UUID(result.transaction_ids[0]).version == 4
    assert sandbox.ledger.notifications[1]["transactionId"] == "order 66"


async def test_same_preset_id_twice_sends_once(sandbox: Sandbox, connect: Connect) -> None:
    """Two programs, or one that was started twice, deliver one message."""
    mine = Notification(content="Hi", users=["u1"], transaction_id="order 66")
    first = await connect(sandbox).create_message(mine)
    second = await connect(sandbox).create_message(mine)
    assert first == second
    assert (sandbox.truth().deliveries, sandbox.truth().replays) == (1, 1)


async def test_two_calls_have_two_ids(sandbox: Sandbox, connect: Connect) -> None:
    """The same notification, sent twice on purpose, is delivered twice."""
    client = connect(sandbox)
    results = [await client.create_message(HI) for _ in range(2)]
    assert results[0].transaction_ids != results[1].transaction_ids
    assert sandbox.ledger.deliveries("u1") == 2


BEFORE = ["reset_before", "error_500_before", "truncated_before", "garbage_before", "html_before"]
AFTER = [name.replace("before", "after") for name in BEFORE]


@pytest.mark.parametrize("fate", [*BEFORE, *AFTER, "empty_before", "empty_after"])
async def test_lost_answer_is_asked_for_again_under_the_same_id(
    sandbox: Sandbox, connect: Connect, fate: str
) -> None:
    """Whether or not the first was processed, one delivery is the end of it."""
    sandbox.script([fate])
    hooks = Record()
    result = await connect(sandbox, hooks=hooks).create_message(HI)
    truth = sandbox.truth()
    assert (truth.deliveries, truth.duplicates, truth.requests) == (1, 0, 2)
    assert truth.replays == fate.endswith("after")
    assert {event.transaction_ids for event in hooks.events} == {result.transaction_ids}


@pytest.mark.parametrize("repeat", get_args(Repeat))
@pytest.mark.parametrize("audience", [IDS[:1], IDS[:10]], ids=["small", "large"])
async def test_repeat_is_understood_however_it_is_answered(
    connect: Connect, repeat: Repeat, audience: list[str]
) -> None:
    """The same code or none is an acceptance; a refusal of a repeat proves nothing, so is in doubt."""
    async with Sandbox(repeat=repeat) as sandbox:
        sandbox.script(["reset_after"])
        client = connect(sandbox)
        message = Notification(content="Hi", users=audience)
        if repeat in {"same_code", "empty"}:
            result = await client.create_message(message)
            assert (result.message_codes[0] is None) == (repeat == "empty" or len(audience) < 10)
        else:
            with pytest.raises(APIError) as caught:
                await client.create_message(message)
            error = caught.value
            assert error.delivery == "in_doubt"
            assert error.http_status == (200 if repeat == "210" else 409)
            assert error.status_code == int(repeat)
            if repeat == "210":  # which by itself would mean that nobody got it
                assert error.__notes__ == ["An earlier attempt may have been delivered."]
        truth = sandbox.truth()
        assert (truth.deliveries, truth.duplicates) == (len(audience), 0)
        # A 210 is final. A 409 may mean that the first is being worked on: asked again.
        assert truth.requests == {"409": 4}.get(repeat, 2)


@pytest.mark.parametrize("repeat", get_args(Repeat))
async def test_several_messages_are_accepted_together_or_in_doubt(
    connect: Connect, repeat: Repeat
) -> None:
    """One code for each is an acceptance of all; anything else leaves all in doubt, and doubles none."""
    async with Sandbox(repeat=repeat) as sandbox:
        sandbox.script(["truncated_after"])
        several = [Notification(content="Hi", users=IDS[n : n + 10]) for n in (0, 10, 20)]
        client = connect(sandbox)
        if repeat == "same_code":
            assert all((await client.create_message(several)).message_codes)
        else:
            with pytest.raises(APIError) as caught:
                await client.create_message(several)
            assert caught.value.delivery == "in_doubt"
            assert len(caught.value.transaction_ids) == 3
        assert (sandbox.truth().deliveries, sandbox.truth().duplicates) == (30, 0)


async def test_doubt_is_not_repeated_once_the_server_may_have_forgotten(
    connect: Connect,
) -> None:
    """With its window over, another request could send twice: the call ends in doubt instead."""
    clock = FakeClock()
    async with Sandbox(window=300, clock=clock.monotonic) as sandbox:
        sandbox.script(["reset_after"] * 100)
        client = connect(
            sandbox,
            clock=clock,
            retry=RetryPolicy(max_attempts=100, base_delay=40.0, max_delay=40.0),
        )
        with pytest.raises(TransportError) as caught:
            await client.create_message(HI)
        assert caught.value.delivery == "in_doubt"
        truth = sandbox.truth()
        assert truth.requests > 1
        assert (truth.deliveries, truth.replays) == (1, truth.requests - 1)
        # 300 s of memory, less 5 for an attempt and 120 for one that is late.
        assert clock.monotonic() <= 300 - 5 - 120


# -- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "kind", "http_status"),
    [
        ("error_500_before", ServerError, 500),
        ("error_503_before", ServerError, 503),
        ("html_before", UnexpectedResponseError, 200),
        ("empty_before", UnexpectedResponseError, 200),
        ("garbage_before", UnexpectedResponseError, 200),
        ("reset_before", TransportError, None),
        ("truncated_before", TransportError, None),
    ],
)
async def test_failure_says_what_it_knows(
    sandbox: Sandbox, connect: Connect, fate: str, kind: type[PushwooshError], http_status: int
) -> None:
    """Every error names the method and the ids, and whether it may have been delivered."""
    sandbox.script([fate] * 2)
    mine = Notification(content="Hi", users=["u1"], transaction_id="T1")
    with pytest.raises(PushwooshError) as caught:
        await connect(sandbox, retry=ONCE).create_message(mine)
    error = caught.value
    assert type(error) is kind
    assert (error.delivery, error.method) == ("in_doubt", "createMessage")
    assert error.transaction_ids == ("T1",)
    assert error.report is None
    assert str(error).startswith("createMessage: ")
    assert "\n" not in str(error)
    assert getattr(error, "http_status", None) == http_status
    assert error.__cause__ is None
    assert error.__context__ is None
    if fate == "error_503_before":
        assert error.retry_after == 1.0  # type: ignore[attr-defined]


async def test_refused_arguments_are_rejected_at_once(connect: Connect) -> None:
    """A 210 and a 4xx are final, nobody got it, and nothing is asked again."""
    async with Sandbox(max_body=2000, repeat="210") as sandbox:
        client = connect(sandbox)
        with pytest.raises(InvalidRequestError) as caught:
            await client.create_message(Notification(content="x" * 3000, users=["u1"]))
        assert (caught.value.http_status, caught.value.status_code) == (413, 413)
        assert caught.value.delivery == "rejected"
        mine = Notification(content="Hi", users=["u1"], transaction_id="T")
        await client.create_message(mine)
        with pytest.raises(InvalidRequestError) as caught:
            await client.create_message(mine)
        assert (caught.value.http_status, caught.value.status_code) == (200, 210)
        assert caught.value.status_message == "Duplicate transactionId"
        assert caught.value.delivery == "in_doubt"  # an id of one's own may have been used before
        assert sandbox.truth().requests == 3


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"api_token": "wrong"}, "Account not found"),
        ({"application": "WRONG-00000"}, "Application not found"),
    ],
)
async def test_refused_caller_is_told_apart(
    sandbox: Sandbox, connect: Connect, options: dict[str, str], text: str
) -> None:
    """A wrong token or application is an AuthenticationError, final, and nothing was sent."""
    with pytest.raises(AuthenticationError) as caught:
        await connect(sandbox, **options).create_message(HI)
    error = caught.value
    assert (error.http_status, error.status_code, error.status_message) == (200, 210, text)
    assert error.delivery == "not_sent"
    assert sandbox.truth().requests == 1


async def test_too_many_requests_are_waited_out(connect: Connect) -> None:
    """A 429 holds the client for as long as the server asks, then the same call goes through."""
    clock = FakeClock()
    async with Sandbox(rate_limit=1, clock=clock.monotonic) as sandbox:
        client = connect(sandbox, clock=clock)
        await client.create_message(HI)
        await client.create_message(HI)
        assert (sandbox.truth().throttled, sandbox.truth().deliveries) == (1, 2)
        assert 60 <= clock.monotonic() < 62


async def test_too_many_requests_without_an_end_are_not_sent(connect: Connect) -> None:
    """With no attempt left it is a RateLimitedError: not sent, with the wait that was asked for."""
    clock = FakeClock()
    async with Sandbox(rate_limit=1, clock=clock.monotonic) as sandbox:
        client = connect(sandbox, clock=clock, retry=ONCE)
        await client.create_message(HI)
        with pytest.raises(RateLimitedError) as caught:
            await client.create_message(HI)
        assert (caught.value.delivery, caught.value.retry_after) == ("not_sent", 60.0)
        assert caught.value.http_status == 429


async def test_limit_of_our_own_is_kept(connect: Connect) -> None:
    """The client's own limit spaces its calls so that the server never has to refuse one."""
    clock = FakeClock()
    async with Sandbox(rate_limit=600, clock=clock.monotonic) as sandbox:
        client = connect(sandbox, clock=clock, rate_limit=RateLimit())
        for _ in range(700):
            await client.create_message(HI)
        assert sandbox.truth().throttled == 0
        assert clock.monotonic() > 60


async def test_nobody_answers(connect: Connect) -> None:
    """A port that nobody listens on: tried again, not sent."""
    async with Sandbox() as sandbox:
        client = connect(sandbox)
    hooks = Record()
    client = connect(sandbox, hooks=hooks)
    with pytest.raises(TransportError) as caught:
        await client.create_message(HI)
    assert (caught.value.delivery, caught.value.permanent) == ("not_sent", False)
    assert sum(isinstance(event, AttemptEvent) for event in hooks.events) == 4


async def test_silence_ends_with_the_timeout(sandbox: Sandbox, connect: Connect) -> None:
    """No answer within `timeout` is a doubt, however long the server would keep the connection."""
    sandbox.script(["stall_after"])
    with pytest.raises(TransportError, match=r": no answer within 0\.1") as caught:
        await connect(sandbox, timeout=0.1, retry=ONCE).create_message(HI)
    assert caught.value.delivery == "in_doubt"


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        ("wrong", AuthenticationError),
        ("", PushwooshError),
        ("a b", PushwooshError),
    ],
)
async def test_failure_of_a_repeat_does_not_hide_the_doubt_before_it(
    sandbox: Sandbox, connect: Connect, second: str, kind: type[PushwooshError]
) -> None:
    """`delivery` speaks for all attempts: what was handed over once may have been delivered."""
    sandbox.script(["reset_after"])
    tokens = iter(["sandbox-token", second])
    with pytest.raises(kind) as caught:
        await connect(sandbox, api_token=lambda: next(tokens)).create_message(HI)
    assert sandbox.ledger.deliveries("u1") == 1
    assert caught.value.delivery == "in_doubt"


async def test_close_between_two_attempts_does_not_hide_the_doubt(
    sandbox: Sandbox, connect: Connect
) -> None:
    """A client that is closed before the repeat leaves what was handed over in doubt."""
    sandbox.script(["reset_after"])
    waiting, closed = asyncio.Event(), asyncio.Event()

    class Held(FakeClock):
        async def sleep(self, seconds: float) -> None:
            waiting.set()
            await closed.wait()

    client = connect(sandbox, clock=Held())
    sending = asyncio.create_task(client.create_message(HI))
    await waiting.wait()
    await client.aclose()
    closed.set()
    with pytest.raises(PushwooshError) as caught:
        await sending
    assert sandbox.ledger.deliveries("u1") == 1
    assert caught.value.delivery == "in_doubt"


# -- hooks -------------------------------------------------------------------------------------


async def test_hooks_hear_of_everything_in_order(sandbox: Sandbox, connect: Connect) -> None:
    """Attempt, retry, attempt, outcome, each with the same ids and truthful words."""
    hooks = Record()
    sandbox.script(["reset_after"])
    result = await connect(sandbox, hooks=hooks).create_message(HI)
    first, again, second, end = hooks.events
    ids = result.transaction_ids
    assert first == AttemptEvent("createMessage", ids, 1)
    assert isinstance(again, RetryEvent)
    assert (again.number, again.delivery, again.transaction_ids) == (1, "in_doubt", ids)
    assert again.reason.startswith("createMessage: ")
    assert 0 <= again.delay <= 0.001
    assert second == AttemptEvent("createMessage", ids, 2)
    assert isinstance(end, OutcomeEvent)
    assert (end.outcome, end.attempts, end.reason) == ("accepted", 2, "")
    assert end.transaction_ids == ids
    assert end.seconds > 0


async def test_hooks_hear_of_a_failure(sandbox: Sandbox, connect: Connect) -> None:
    """The outcome's delivery and reason are the error's."""
    hooks = Record()
    with pytest.raises(AuthenticationError) as caught:
        await connect(sandbox, hooks=hooks, api_token="wrong").create_message(HI)
    attempt, end = hooks.events
    assert isinstance(attempt, AttemptEvent)
    assert isinstance(end, OutcomeEvent)
    assert (end.outcome, end.attempts, end.reason) == ("not_sent", 1, str(caught.value))


async def test_hooks_hear_nothing_of_what_is_refused_before_it_is_sent(
    sandbox: Sandbox, connect: Connect
) -> None:
    """A mistake in the arguments is no attempt."""
    hooks = Record()
    with pytest.raises(PushwooshError):
        await connect(sandbox, hooks=hooks).create_message(Notification(content="Hi"))
    assert hooks.events == []


@pytest.mark.parametrize(
    ("raise_at", "deliveries"), [(AttemptEvent, 0), (RetryEvent, 1), (OutcomeEvent, 1)]
)
async def test_hook_that_raises_ends_its_call_and_no_other(
    sandbox: Sandbox, connect: Connect, raise_at: type, deliveries: int
) -> None:
    """Its exception comes out, no connection is lost, and the client serves on."""
    hooks = Record(raise_at)
    client = connect(sandbox, hooks=hooks, max_connections=1)
    for _ in range(3):
        sandbox.reset()
        if raise_at is RetryEvent:
            sandbox.script(["reset_after"])
        with pytest.raises(LookupError, match="the hook's own"):
            await client.create_message(HI)
        assert sandbox.truth().deliveries == deliveries
    hooks.raise_at = None
    async with asyncio.timeout(5):
        await client.create_message(HI)


# -- clients -----------------------------------------------------------------------------------


async def test_client_from_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Token, application and address can all come from variables."""
    monkeypatch.setenv("PUSHWOOSH_API_TOKEN", "sandbox-token")
    monkeypatch.setenv("PUSHWOOSH_APPLICATION", "XXXXX-XXXXX")
    monkeypatch.setenv("PUSHWOOSH_BASE_URL", sandbox.url)
    async with PushwooshClient() as client:
        result = await client.create_message(HI)
    assert isinstance(result, MessageResult)
    assert sandbox.truth().deliveries == 1


def _given() -> str:
    return "sandbox-token"


async def _given_later() -> str:
    await asyncio.sleep(0)
    return "sandbox-token"


class _Vault:
    async def token(self) -> str:
        return "sandbox-token"


@pytest.mark.parametrize("token", [_given, _given_later, _Vault().token, lambda: _given_later()])  # noqa: PLW0108
async def test_token_can_be_a_function(
    sandbox: Sandbox, connect: Connect, token: Callable[[], Any]
) -> None:
    """Plain or async, bound or not."""
    await connect(sandbox, api_token=token).create_message(HI)
    assert sandbox.truth().deliveries == 1


async def test_two_clients_do_not_know_each_other(sandbox: Sandbox, connect: Connect) -> None:
    """Closing one leaves the other as it was."""
    async with Sandbox(token="other", applications=["YYYYY-YYYYY"]) as other:
        first = connect(sandbox)
        second = connect(other, api_token="other", application="YYYYY-YYYYY")
        await asyncio.gather(first.create_message(HI), second.create_message(HI))
        await first.aclose()
        await second.create_message(HI)
        assert (sandbox.truth().deliveries, other.truth().deliveries) == (1, 2)


async def test_calls_share_connections(sandbox: Sandbox, connect: Connect) -> None:
    """Many at once never need more connections than allowed, and all are delivered."""
    client = connect(sandbox, max_connections=3)
    calls = [Notification(content="Hi", users=[name]) for name in IDS[:60]]
    await asyncio.gather(*map(client.create_message, calls))
    truth = sandbox.truth()
    assert (truth.deliveries, truth.recipients) == (60, 60)
    assert truth.connections <= 3


async def test_group_of_applications(connect: Connect) -> None:
    """A message to a group goes under the group's code."""
    async with Sandbox(applications=(), applications_groups=("GROUP",)) as sandbox:
        client = connect(sandbox, application=None, applications_group="GROUP")
        await client.create_message(Notification(content="Hi", filter="Berlin"))
        assert sandbox.truth().accepted == 1


async def test_injected_client_with_hooks_that_read_the_answer(
    sandbox: Sandbox, connect: Connect
) -> None:
    """A response hook that reads the body, as httpx documents it, costs no acceptance."""
    readers: list[bytes] = []

    async def read(response: httpx.Response) -> None:
        readers.append(await response.aread())

    async with httpx.AsyncClient(trust_env=False, event_hooks={"response": [read]}) as http_client:
        client = connect(sandbox, http_client=http_client, timeout=1.0, retry=ONCE)
        result = await client.create_message(Notification(content="Hi", users=IDS[:10]))
        assert result.message_codes[0]
        assert len(readers) == 1
        await client.aclose()
        assert not http_client.is_closed


async def test_late_answers_are_answers(connect: Connect) -> None:
    """A slow server is waited for within the timeout."""
    async with Sandbox(faults=[Fault("delay", 1.0, seconds=0.05)]) as sandbox:
        await connect(sandbox, retry=ONCE).create_message(HI)
        assert sandbox.truth().requests == 1
