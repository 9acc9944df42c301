"""What will happen in one simulated send? All that is decided before it begins, drawn from its seed."""

import random
from typing import Literal, TypeAlias

from attrs import frozen

from pushwoosh_async import RetryPolicy
from pushwoosh_async._fanout.settings import OnRejected

Repeats: TypeAlias = Literal["same", "empty", "210", "409"]
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
        repeats: how it answers a transactionId that it remembers.
        fault_rate: share of requests that meet a fault of their own.
        outages: when all do.
        window: seconds it remembers a transactionId (A1).
        latest_commit: seconds after its last byte in which an abandoned request is committed (A3).
        takes_limited: a 429 may come from behind the gateway, when all is done (not A7).
    """

    repeats: Repeats
    fault_rate: float
    outages: tuple[Outage, ...]
    window: float = 300.0
    latest_commit: float = LATEST_COMMIT
    takes_limited: bool = False


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


@frozen(kw_only=True)
class Scenario:
    """One simulated send.

    Attributes:
        seed: of everything.
        chunks: about how many.
        journalled: else it has one session.
        sized: the source says how many it holds.
        clean: the run has no `send_id`, so that a first refusal is a clean one.
        paced: the client has the documented rate limit.
        odd: share of ids that are blank, or come again where the run removes such.
        bad: share of ids that the server refuses.
        policy: of the client.
        episodes: before the world is calm, and the run is resumed until it is complete.
    """

    seed: int
    chunks: int
    chunk_size: int
    concurrency: int
    journalled: bool
    sized: bool
    dedupe: bool
    clean: bool
    paced: bool
    odd: float
    bad: float
    on_rejected: OnRejected
    bisect_requests: int
    policy: RetryPolicy = RetryPolicy()  # noqa: RUF009 -- frozen
    habits: Habits
    weather: Weather
    episodes: tuple[Episode, ...]


def scenario(seed: int) -> Scenario:
    """Draw the scenario of a seed."""
    rng = random.Random(f"{seed} scenario")  # noqa: S311 -- a seed
    journalled = rng.random() < 0.85
    habits = Habits(
        repeats=rng.choice(["same", "empty", "210", "409"]),
        fault_rate=rng.choice([0.0, 0.05, 0.2, 0.5, 0.8]),
        outages=tuple(_outage(rng) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))),
    )
    return Scenario(
        seed=seed,
        chunks=rng.choice([1, 2, 5, 10, 20, 40]),
        chunk_size=rng.randint(1, 10),
        concurrency=rng.randint(1, 8),
        journalled=journalled,
        sized=rng.random() < 0.7,
        dedupe=rng.random() < 0.3,
        clean=rng.random() < 0.85,
        paced=rng.random() < 0.5,
        odd=rng.choice([0.0, 0.0, 0.1]),
        bad=rng.choice([0.0, 0.0, 0.02, 0.1]),
        on_rejected=rng.choice(["report", "report", "bisect", "bisect", "stop"]),
        bisect_requests=rng.choice([2, 10, 1000]),
        habits=habits,
        weather=Weather(rough=rng.random() < 0.4, blind=rng.random() < 0.3),
        episodes=tuple(_episode(rng) for _ in range(rng.choice([1, 2, 3, 5]) if journalled else 1)),
    )


def _outage(rng: random.Random) -> Outage:
    start = rng.choice([0.0, 10 ** rng.uniform(-0.5, 2.5)])
    trouble: Trouble = rng.choice(["refused", "silence", "5xx", "limited", "limited", "revoked"])
    return Outage(trouble, start, start + 10 ** rng.uniform(0.0, 2.78))  # up to 10 minutes


def _episode(rng: random.Random) -> Episode:
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
    )
