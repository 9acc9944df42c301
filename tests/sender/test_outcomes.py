"""What is each await told? Its own outcome or an error of its own, and what it says is true."""

import asyncio
import pickle
import traceback
from collections.abc import Iterable

import pytest
from connecting import Connect

from pushwoosh_async import (
    Accepted,
    AuthenticationError,
    BatchingSender,
    InvalidRequestError,
    Notification,
    PushwooshError,
    RetryPolicy,
    TransportError,
)
from pushwoosh_async.sandbox import Sandbox

from .sender_world import Kind, World, settle, world

NOTE = Notification(content="Hello")
Told = Accepted | BaseException


def names(count: int) -> list[str]:
    """Name so many users."""
    return [f"user-{number}" for number in range(count)]


async def told(
    sender: BatchingSender, users: Iterable[str], note: Notification = NOTE
) -> list[Told]:
    """Return what each of them came to."""
    sends = [sender.send(note, user=user) for user in users]
    return await asyncio.gather(*sends, return_exceptions=True)


def deliveries(outcomes: Iterable[Told]) -> list[str]:
    """Return a word for each."""
    return [
        outcome.delivery if isinstance(outcome, PushwooshError) else "accepted"
        for outcome in outcomes
    ]


async def later(made: World, *kinds: Kind) -> "asyncio.Future[list[Told]]":
    """Send to two, whose request is on its way; answer it so."""
    sending = asyncio.ensure_future(told(made.sender, ["u1", "u2"]))
    await settle()
    await made.passes(0.05)
    await made.answers(*kinds)
    return sending


# -- over sockets, with the ledger of the sandbox ---------------------------------------------------


async def test_who_is_unknown_is_told_so(connect: Connect, sandbox: Sandbox) -> None:
    """And nobody else who shared the notification."""
    async with BatchingSender(connect(sandbox)) as sender:
        outcomes = await told(sender, ["u1", "stranger", "u2"])
        assert [getattr(outcome, "unknown", None) for outcome in outcomes] == [False, True, False]
        assert sandbox.truth().requests == 1


@pytest.mark.parametrize("bad", [1, 4, 72])
async def test_one_bad_id_fails_one_await(connect: Connect, bad: int) -> None:
    """A refused notification is taken apart; everybody else in it gets it, once."""
    users = names(1000)
    refused = set(users[7 :: 1000 // bad][:bad])
    async with (
        Sandbox(rejected_ids=refused) as sandbox,
        BatchingSender(connect(sandbox)) as sender,
    ):
        outcomes = await told(sender, users)
        counts = sandbox.ledger.counts()
        for user, outcome in zip(users, outcomes, strict=True):
            if user in refused:
                assert isinstance(outcome, InvalidRequestError)
                assert outcome.delivery == "rejected"
                assert user not in counts
            else:
                assert isinstance(outcome, Accepted)
                assert counts[user] == 1
        assert sandbox.truth().duplicates == 0


async def test_a_notification_that_is_refused_as_such_is_soon_given_up(connect: Connect) -> None:
    """Where no part of it is accepted, it is not taken apart down to each of a thousand."""
    users = names(1000)
    async with (
        Sandbox(rejected_ids=users) as sandbox,
        BatchingSender(connect(sandbox)) as sender,
    ):
        outcomes = await told(sender, users)
        assert set(deliveries(outcomes)) == {"rejected"}
        assert "unsplit" in str(outcomes[-1])
        assert sandbox.truth().requests < 60
        assert not sandbox.ledger.counts()


async def test_a_bad_id_in_a_shared_request_puts_itself_in_doubt(connect: Connect) -> None:
    """What is refused in a shared request proves nothing; all others get it."""
    async with Sandbox(rejected_ids=["bad"]) as sandbox, BatchingSender(connect(sandbox)) as sender:
        await told(sender, ["first"])
        notes = [Notification(content=f"text {number}") for number in range(20)]
        users = [*names(19), "bad"]
        sends = [sender.send(note, user=user) for note, user in zip(notes, users, strict=True)]
        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        assert deliveries(outcomes) == ["accepted"] * 19 + ["in_doubt"]
        assert "rejected_in_pack" in str(outcomes[-1])
        assert sandbox.ledger.counts() == dict.fromkeys([*names(19), "first"], 1)


async def test_alone_in_its_request_every_refusal_is_clean(connect: Connect) -> None:
    """With `notifications_per_request` of 1."""
    async with (
        Sandbox(rejected_ids=["bad"]) as sandbox,
        BatchingSender(connect(sandbox), notifications_per_request=1) as sender,
    ):
        notes = [Notification(content=f"text {number}") for number in range(5)]
        users = [*names(4), "bad"]
        sends = [sender.send(note, user=user) for note, user in zip(notes, users, strict=True)]
        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        assert deliveries(outcomes) == ["accepted"] * 4 + ["rejected"]
        assert sandbox.traffic().most_notifications == 1


async def test_a_lost_answer_is_asked_for_again(connect: Connect, sandbox: Sandbox) -> None:
    """Under the same id, so that nobody gets it twice."""
    sandbox.script(["reset_after", "error_500_after"])
    async with BatchingSender(connect(sandbox)) as sender:
        assert deliveries(await told(sender, names(30))) == ["accepted"] * 30
        truth = sandbox.truth()
        assert (truth.deliveries, truth.duplicates, truth.replays) == (30, 0, 2)


async def test_ten_thousand_awaits_are_ten_requests(connect: Connect, sandbox: Sandbox) -> None:
    """Each in a task of its own."""
    async with BatchingSender(connect(sandbox)) as sender:
        outcomes = await told(sender, names(10_000))
        assert deliveries(outcomes) == ["accepted"] * 10_000
        truth = sandbox.truth()
        assert (truth.requests, truth.recipients, truth.duplicates) == (10, 10_000, 0)


# -- errors -----------------------------------------------------------------------------------------


async def test_every_await_has_an_error_of_its_own() -> None:
    """Of those that share a notification, too: with no traceback but its own."""
    async with world() as made:
        first, second = await (await later(made, "401"))
        assert isinstance(first, AuthenticationError)
        assert isinstance(second, AuthenticationError)
        assert first is not second
        frames = [len(traceback.extract_tb(error.__traceback__)) for error in (first, second)]
        assert frames[0] == frames[1] < 5
        assert first.transaction_ids == second.transaction_ids
        again = pickle.loads(pickle.dumps(first))  # noqa: S301 -- our own
        assert (str(again), again.delivery) == (str(first), "not_sent")


async def test_an_error_names_the_id_of_its_own_notification_alone() -> None:
    """Not of the others in the request, nor of the whole that was taken apart."""
    async with world() as made:
        refused = await (await later(made, "refused", "refused", "refused"))
        await (await later(made, "ok"))
        sends = [made.sender.send(Notification(content=text), user="u1") for text in ("a", "b")]
        sending = asyncio.gather(*sends, return_exceptions=True)
        await settle()
        await made.passes(0.05)
        await made.answers("401")  # of a shared request it proves nothing
        doubtful = await sending
        assert deliveries([*refused, *doubtful]) == ["rejected"] * 2 + ["in_doubt"] * 2
        errors = [each for each in [*refused, *doubtful] if isinstance(each, PushwooshError)]
        assert [len(error.transaction_ids) for error in errors] == [1, 1, 1, 1]
        assert len({error.transaction_ids for error in errors}) == 4


async def test_a_doubt_is_repeated_inside_the_window_and_never_after_it() -> None:
    """What is never answered ends in doubt; what was accepted unheard was delivered once."""
    async with world("lost") as made:
        sending = asyncio.ensure_future(told(made.sender, ["u1", "u2"]))
        await settle()
        await made.wears_off(sending)
        outcomes = await sending
        assert deliveries(outcomes) == ["in_doubt"] * 2
        assert len(made.server.seen) > 5
        assert set(made.server.count.values()) == {1}


async def test_what_is_certainly_not_sent_is_tried_a_few_times_only() -> None:
    """Somebody waits for it: it ends as `max_attempts` says, and is not sent late."""
    async with world("429", retry=RetryPolicy(max_attempts=3)) as made:
        sending = asyncio.ensure_future(told(made.sender, ["u1", "u2"]))
        await settle()
        await made.wears_off(sending)
        assert deliveries(await sending) == ["not_sent"] * 2
        assert len(made.server.seen) == 3
        made.server.auto = "ok"
        await made.passes(1000.0)
        assert not made.server.delivered


async def test_a_refused_token_fails_those_who_share_the_request() -> None:
    """Truly: not sent. Later ones are tried again, one notification alone at first."""
    async with world() as made:
        first = await (await later(made, "ok"))
        assert deliveries(first) == ["accepted"] * 2
        outcomes = await (await later(made, "401"))
        assert deliveries(outcomes) == ["not_sent"] * 2
        assert all(isinstance(outcome, AuthenticationError) for outcome in outcomes)
        sends = [
            asyncio.ensure_future(made.sender.send(Notification(content=text), user="u1"))
            for text in ("a", "b", "c")
        ]
        await settle()
        await made.passes(0.05)
        assert len(made.server.seen[-1].notifications) == 1
        await made.answers("ok", "ok")
        assert len(made.server.seen[-1].notifications) == 2
        assert deliveries(await asyncio.gather(*sends)) == ["accepted"] * 3


async def test_a_token_that_cannot_be_had_is_an_error_of_ours(
    connect: Connect, sandbox: Sandbox
) -> None:
    """Each await gets one, caused by what was raised; the sender lives on."""
    broken = True

    def token() -> str:
        if broken:
            raise LookupError("no token today")
        return "sandbox-token"

    async with BatchingSender(connect(sandbox, api_token=token)) as sender:
        outcomes = await told(sender, names(3))
        assert deliveries(outcomes) == ["not_sent"] * 3
        assert all(isinstance(outcome, TransportError) for outcome in outcomes)
        causes = {type(outcome.__cause__) for outcome in outcomes if isinstance(outcome, Exception)}
        assert causes == {LookupError}
        broken = False
        assert deliveries(await told(sender, names(3))) == ["accepted"] * 3


# -- an outage --------------------------------------------------------------------------------------


async def test_an_outage_does_not_put_everything_in_doubt() -> None:
    """New requests are held back while the server is silent, and go when it speaks again."""
    async with world(concurrency=2) as made:
        await (await later(made, "ok"))
        made.server.auto = "500"
        sends = []
        for number in range(20):
            sends.append(asyncio.ensure_future(made.sender.send(NOTE, user=f"v{number}")))
            await settle()
            await made.passes(0.05)
        begun = {user for asked in made.server.seen for _, user in asked.pairs} - {"u1", "u2"}
        assert 0 < len(begun) < 6
        assert not any(send.done() for send in sends)
        made.server.auto = "ok"
        await made.wears_off(asyncio.gather(*sends))
        assert set(made.server.count.values()) == {1}
        made.server.auto = None
        both = [told(made.sender, ["u1", "u2"], Notification(content=text)) for text in ("a", "b")]
        afterwards = asyncio.gather(*both)
        await settle()
        await made.passes(0.05)
        assert len(made.server.waiting) == 2
        await made.answers("ok", "ok")
        await afterwards


async def test_a_close_during_an_outage_ends() -> None:
    """What has not left is not sent; what has, goes on to its window's end and is in doubt."""
    async with world(concurrency=1) as made:
        await (await later(made, "ok"))
        made.server.auto = "500"
        doubtful = asyncio.ensure_future(told(made.sender, ["a"]))
        await settle()
        await made.passes(0.05)
        held = asyncio.ensure_future(told(made.sender, ["b"]))
        await settle()
        closing = asyncio.ensure_future(made.sender.aclose())
        await settle()
        (outcome,) = await held
        assert isinstance(outcome, TransportError)
        assert outcome.delivery == "not_sent"
        await made.wears_off(closing)
        (outcome,) = await doubtful
        assert isinstance(outcome, PushwooshError)
        assert outcome.delivery == "in_doubt"
        assert [user for _, user in made.server.delivered] == ["u1", "u2"]


async def test_a_close_during_an_outage_sends_no_further_part() -> None:
    """Of a refused notification, a half that has not left is not sent."""
    async with world(concurrency=1) as made:
        sending = await later(made, "refused")
        made.server.auto = "500"
        await made.answers("500")
        closing = asyncio.ensure_future(made.sender.aclose())
        await settle()
        await made.wears_off(closing)
        assert deliveries(await sending) == ["in_doubt", "not_sent"]
        assert [asked.pairs[-1][1] for asked in made.server.seen].count("u2") == 1


async def test_a_close_that_is_cancelled_sends_no_further_part() -> None:
    """Nor does one that gives up, while it waits for other answers."""
    async with world() as made:
        await (await later(made, "ok"))
        sending = asyncio.ensure_future(told(made.sender, ["v1", "v2"]))
        await settle()
        await made.passes(0.05)
        await made.answers("refused")
        other = asyncio.ensure_future(told(made.sender, ["other"]))
        await settle()
        await made.passes(0.05)
        assert [asked.pairs[0][1] for asked in made.server.waiting] == ["v1", "other"]
        closing = asyncio.ensure_future(made.sender.aclose())
        await settle()
        closing.cancel()
        await settle()
        await made.answers("ok", "ok")
        outcomes = [*await sending, *await other]
        assert deliveries(outcomes) == ["accepted", "not_sent", "accepted"]
        assert "the sender was closed before this was sent" in str(outcomes[1])
        assert ("Hello", "v2") not in made.server.delivered
