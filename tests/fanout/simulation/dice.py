"""What will happen in one simulated send? All that is decided before it begins, drawn from its seed."""

import random
from typing import Literal, TypeAlias

from attrs import frozen

from pushwoosh_async import RateLimit, RetryPolicy
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._fanout.settings import OnRejected
from pushwoosh_async._wire.methods import MAX_NOTIFICATIONS

Repeats: TypeAlias = Literal["same", "fewer", "210", "210, and nothing taken", "409"]
BadOnes: TypeAlias = Literal["all refused", "dropped", "dropped, and 210", "dropped, and a code"]
Trouble: TypeAlias = Literal["refused", "silence", "5xx", "limited", "revoked"]
End: TypeAlias = Literal[
    "itself",
    "crash",
    "drain",
    "cancel",
    "twice",
    "deadline",
    "full disk",
    "broken source",
    "another input",
]

TIMEOUT = 30.0
LATEST_COMMIT = TIMEOUT + 75.0  # assumption A3
ALONE = Packing(most=1, max_bytes=10_000_000)
_ENDS: tuple[End, ...] = (
    *("itself", "drain", "cancel", "twice", "deadline", "full disk", "broken source"),
    *("crash",) * 7,
)


@frozen
class Outage:
    """A time in which every request meets the same trouble; seconds since the beginning."""

    trouble: Trouble
    start: float
    stop: float


@frozen(kw_only=True)
class Habits:
    """How the server behaves.

    Attributes:
        repeats: how it answers what holds a transactionId that it remembers: with a code, with fewer codes
            than notifications, or with a refusal, whether or not it took the others.
        bad_ones: what it does with several notifications of which one has a bad id.
        fault_rate: share of requests that meet a fault of their own.
        outages: when all do.
        window: seconds it remembers a transactionId (A1).
        latest_commit: seconds after its last byte in which an abandoned request is committed (A3).
        takes_limited: a 429 may come from behind the gateway, when all is done (not A7).
        knows_packs_only: it remembers a transactionId only beside those that it came with (not A8).
        fails_packs: seconds after which several notifications in a request come to nothing, when they did
            before: at first there is no answer. None where they do not.
        latencies: seconds that an answer takes.
    """

    repeats: Repeats
    bad_ones: BadOnes = "all refused"
    fault_rate: float
    outages: tuple[Outage, ...]
    window: float = 300.0
    latest_commit: float = LATEST_COMMIT
    takes_limited: bool = False
    knows_packs_only: bool = False
    fails_packs: float | None = None
    latencies: tuple[float, ...] = (0.01, 0.01, 0.2, 3.0, 10.0)


@frozen(kw_only=True)
class Weather:
    """What may happen to the computer.

    Attributes:
        rough: it is stopped, suspended, and its wall clock is set.
        blind: its boot clock does not count a suspend. Its wall clock, the other witness, is then honest.
        lying_disk: what it calls durable is not (not A4).
        same_boot: two boots have the same id (not A4).
    """

    rough: bool
    blind: bool
    lying_disk: bool = False
    same_boot: bool = False


@frozen(kw_only=True)
class Episode:
    """One life of the sender's process, and what follows.

    Attributes:
        end: what ends it.
        after: seconds until that.
        step: that happens at this step of the process instead; 0 for by time.
        pause: when new chunks are held back, and for how long; None for never.
        again: what is asked for once more.
        changed: before it, somebody tries with another input.
        entered: the run is entered and its outcomes are read.
        gap: seconds before the next session.
        reboot: the computer is started anew in between.
        packing: how full its requests may be.
    """

    end: End = "itself"
    after: float = 0.0
    step: int = 0
    pause: tuple[float, float] | None = None
    again: Literal["", "rejected", "doubts"] = ""
    changed: bool = False
    entered: bool = False
    gap: float = 1.0
    reboot: bool = False
    packing: Packing = ALONE


@frozen(kw_only=True)
class Scenario:
    """One simulated send.

    Attributes:
        seed: of everything.
        chunks: about how many.
        each: notifications of their own are sent, not one to all.
        journalled: else it has one session.
        sized: the source says how many it holds.
        clean: the run has no `send_id`, so that a first refusal is a clean one.
        limit: the client's; None for none.
        odd: share of ids that are blank, or come again where the run removes such.
        bad: share of ids that the server refuses.
        packing: how full a request may be when all is calm.
        policy: of the client.
        episodes: before the world is calm, and the run is resumed until it is complete.
    """

    seed: int
    chunks: int
    chunk_size: int
    concurrency: int
    each: bool
    journalled: bool
    sized: bool
    dedupe: bool
    clean: bool
    limit: RateLimit | None
    odd: float
    bad: float
    on_rejected: OnRejected
    bisect_requests: int
    packing: Packing
    policy: RetryPolicy = RetryPolicy()  # noqa: RUF009 -- frozen
    habits: Habits
    weather: Weather
    episodes: tuple[Episode, ...]


def scenario(seed: int) -> Scenario:
    """Draw the scenario of a seed."""
    rng = random.Random(f"{seed} scenario")  # noqa: S311 -- a seed
    journalled, packed = rng.random() < 0.85, rng.random() < 0.6
    # A chunk that was refused in a pack is in doubt, and not taken apart.
    on_rejected: tuple[OnRejected, ...] = ("report",) if packed else ("report", "bisect", "bisect")
    return Scenario(
        seed=seed,
        chunks=rng.choice([1, 2, 5, 10, 20, 40]),
        chunk_size=rng.randint(1, 10),
        concurrency=rng.randint(1, 8),
        each=rng.random() < 0.4,
        journalled=journalled,
        sized=rng.random() < 0.7,
        dedupe=rng.random() < 0.3,
        clean=rng.random() < 0.85,
        limit=_limit(rng, packed=packed),
        odd=rng.choice([0.0, 0.0, 0.1]),
        bad=rng.choice([0.0, 0.0, 0.02, 0.1]),
        on_rejected=rng.choice([*on_rejected, *on_rejected, "stop"]),
        bisect_requests=rng.choice([2, 10, 1000]),
        packing=_packing(rng, packed=packed),
        habits=_habits(rng),
        weather=Weather(rough=rng.random() < 0.4, blind=rng.random() < 0.3),
        episodes=tuple(
            _episode(rng, packed=packed)
            for _ in range(rng.choice([1, 2, 3, 5]) if journalled else 1)
        ),
    )


def _limit(rng: random.Random, *, packed: bool) -> RateLimit | None:
    """Draw a rate: for packs also one at which only a few notifications may be under way at once."""
    slow = RateLimit(requests=rng.choice([6, 12, 60]), burst=rng.choice([1, 4]))
    finding = RateLimit(adaptive=True)
    return rng.choice([None, RateLimit(), finding, slow, slow] if packed else [None, RateLimit()])


def _packing(rng: random.Random, *, packed: bool) -> Packing:
    if not packed:
        return ALONE
    return Packing(
        most=rng.choice([1, 1, *range(1, 8), MAX_NOTIFICATIONS, MAX_NOTIFICATIONS]),
        max_bytes=rng.choice([ALONE.max_bytes, rng.randint(100, 1500)]),
    )


def _habits(rng: random.Random) -> Habits:
    return Habits(
        repeats=rng.choice(["same", "fewer", "210", "210, and nothing taken", "409"]),
        bad_ones=rng.choice(["all refused", "dropped", "dropped, and 210"]),
        fault_rate=rng.choice([0.0, 0.05, 0.2, 0.5, 0.8]),
        outages=tuple(_outage(rng) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))),
    )


def _outage(rng: random.Random) -> Outage:
    start = rng.choice([0.0, 10 ** rng.uniform(-0.5, 2.5)])
    trouble: Trouble = rng.choice(["refused", "silence", "5xx", "limited", "limited", "revoked"])
    return Outage(trouble, start, start + 10 ** rng.uniform(0.0, 2.78))  # up to 10 minutes


def _episode(rng: random.Random, *, packed: bool) -> Episode:
    return Episode(
        end=rng.choice(_ENDS),
        after=10 ** rng.uniform(-1.5, 2.5),
        step=rng.choice([0, rng.randint(1, 12), rng.randint(1, 150)]),
        pause=(10 ** rng.uniform(-1.0, 1.0), 10 ** rng.uniform(0.0, 2.5))
        if rng.random() < 0.15
        else None,
        again=rng.choice(["", "", "", "rejected", "doubts"]),
        changed=rng.random() < 0.1,
        entered=rng.random() < 0.4,
        gap=10 ** rng.uniform(0.0, 3.08),  # 1 s to 20 minutes
        reboot=rng.random() < 0.25,
        packing=_packing(rng, packed=packed),
    )
