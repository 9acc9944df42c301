"""In whatever order things happen: every await ends, once and truly; what is withdrawn is not sent."""

import asyncio
from collections import Counter
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from pushwoosh_async import Accepted, Notification, PushwooshError

from .sender_world import Kind, Pair, World, settle, world

TEXTS = ["one", "two", "three"]
BAD = "bad"

sends = st.tuples(st.just("send"), st.sampled_from(TEXTS), st.sampled_from(["new", "again", BAD]))
cancels = st.tuples(st.just("cancel"), st.integers(0, 40))
passes = st.tuples(st.just("pass"), st.sampled_from([0.02, 0.05, 1.0, 25.0, 160.0]))
kinds: list[Kind] = ["ok", "ok", "lost", "500", "cut", "refused", "429", "401"]
answers = st.tuples(st.just("answer"), st.sampled_from(kinds), st.integers(0, 3))
flushes = st.tuples(st.just("flush"))
Action = tuple[object, ...]
each = st.one_of(sends, sends, sends, cancels, passes, passes, answers, answers, answers, flushes)
actions = st.lists(each, min_size=10, max_size=60)


class Episode:
    """One life of a sender, and what everybody was told."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.awaits: list[tuple[Pair, asyncio.Future[Accepted]]] = []
        self.withdrawn: Counter[Pair] = Counter()
        self.flushes: list[asyncio.Future[None]] = []
        self.notifications = {text: Notification(content=text) for text in TEXTS}

    async def act(self, action: Action) -> None:
        """Do one thing, and let all that follows from it happen."""
        match action:
            case ("send", str(text), str(whom)):
                self.send(text, whom)
            case ("cancel", int(which)) if self.awaits:
                self.cancel(which % len(self.awaits))
            case ("pass", float(seconds)):
                self.world.clock.advance(seconds)
            case ("answer", kind, int(which)) if self.world.server.waiting:
                self.world.server.answer(kind, which % len(self.world.server.waiting))  # type: ignore[arg-type]
            case ("flush",):
                self.flushes.append(asyncio.ensure_future(self.world.sender.flush()))
        await settle()

    def send(self, text: str, whom: str) -> None:
        """Begin one delivery."""
        user = whom if whom == BAD else f"u{len(self.awaits)}"
        if whom == "again" and self.awaits:
            text, user = self.awaits[-1][0]
        sending = self.world.sender.send(self.notifications[text], user=user)
        self.awaits.append(((text, user), asyncio.ensure_future(sending)))

    def cancel(self, which: int) -> None:
        """Cancel one; note whether it can only be a withdrawal."""
        pair, task = self.awaits[which]
        if task.done():
            return
        task.cancel()
        left = any(pair in asked.pairs for asked in self.world.server.seen)
        if not left:
            self.withdrawn[pair] += 1

    def check(self) -> None:
        """Hold what was told against what was delivered."""
        delivered = self.world.server.delivered
        sent = Counter(pair for pair, _ in self.awaits)
        for pair, tids in delivered.items():
            assert len(set(tids)) == len(tids), "one transactionId was delivered twice"
            assert len(tids) <= sent[pair] - self.withdrawn[pair], "sent after it was withdrawn"
        told: set[tuple[Pair, str]] = set()
        for pair, task in self.awaits:
            if task.cancelled():
                continue
            error = task.exception()
            if error is None:
                outcome = task.result()
                assert outcome.transaction_id in delivered[pair]
                assert (pair, outcome.transaction_id) not in told, "one delivery for two awaits"
                told.add((pair, outcome.transaction_id))
                continue
            assert isinstance(error, PushwooshError)
            event(f"{type(error).__name__} {error.delivery}")
            if error.delivery != "in_doubt":
                assert not set(error.transaction_ids) & set(delivered.get(pair, ()))


async def live(script: list[Action], options: dict[str, Any]) -> Episode:
    """Play a script to its end, with a server that is well again at the close."""
    async with world(**options) as made:
        made.server.bad.add(BAD)
        episode = Episode(made)
        for action in script:
            await episode.act(action)
    assert all(task.done() for _, task in episode.awaits), "an await did not end"
    assert all(flush.done() for flush in episode.flushes), "a flush did not end"
    for flush in episode.flushes:
        flush.result()
    return episode


@settings(max_examples=150)
@given(
    actions,
    st.fixed_dictionaries(
        {
            "concurrency": st.integers(1, 3),
            "max_pending": st.sampled_from([1, 3, 1000]),
            "max_pending_bytes": st.sampled_from([200, 1_000_000]),
            "notifications_per_request": st.sampled_from([1, 2, "max"]),
        }
    ),
)
def test_every_await_ends_once_and_truly(script: list[Action], options: dict[str, Any]) -> None:
    """Sends, cancellations, time, answers of every kind and flushes, in any order; then a close."""
    asyncio.run(live(script, options)).check()


@settings(max_examples=60)
@given(
    st.lists(st.one_of(sends, sends, cancels, passes, flushes), min_size=10, max_size=60),
    st.sampled_from([1, 2, 1000]),
)
def test_nothing_is_lost_over_a_good_line(script: list[Action], max_pending: int) -> None:
    """Where the server takes everything, all that was not cancelled is delivered, exactly once each."""
    script = [action for action in script if BAD not in action]
    episode = asyncio.run(live(script, {"auto": "ok", "max_pending": max_pending}))
    episode.check()
    lived = Counter(pair for pair, task in episode.awaits if not task.cancelled())
    delivered = episode.world.server.count
    assert all(task.exception() is None for _, task in episode.awaits if not task.cancelled())
    assert all(delivered[pair] >= lived[pair] for pair in lived)
