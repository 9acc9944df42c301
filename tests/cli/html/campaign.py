"""What is a plausible run to look at? A campaign that met an outage, holds and a crash.

`python tests/cli/html/campaign.py FILE` writes its report; docs/report.png is a picture of that.
"""

import sys
from datetime import UTC, datetime
from math import exp
from pathlib import Path
from random import Random

from pushwoosh_async import ChunkOutcome, SendReport
from pushwoosh_async.cli.html.page import render
from pushwoosh_async.cli.html.picture import Interval, RunPicture

CREATED = datetime(2026, 11, 20, 9, 0, 4, tzinfo=UTC).timestamp()
CHUNK = 1000
BOUNDS = tuple(round(0.001 * 1.25**step, 6) for step in range(56))

# Ten seconds each, from the beginning; the process was gone for 55 minutes.
_OUTAGE = range(60, 72)
_HOLDS = (*range(110, 114), 131)
_CRASH = 150
_AWAY = 330
_END = 245


def intervals() -> tuple[Interval, ...]:
    """Return what happened when."""
    dice = Random(11)  # noqa: S311 -- the same picture every time
    course = [_interval(slot, dice) for slot in range(_END)]
    return tuple(course)


def _interval(slot: int, dice: Random) -> Interval:
    start = CREATED // 10 * 10 + 10 * (slot + (_AWAY if slot >= _CRASH else 0))
    if slot in _OUTAGE:
        # The breaker holds new chunks back; open doubts are its probes.
        doubts = 16 if slot == _OUTAGE[0] else dice.randint(1, 3)
        slow = {_class(30 * dice.uniform(0.9, 1.1)): doubts}
        return Interval(
            start=start, requests=doubts, retries=doubts - 1, doubts=doubts, latencies=slow
        )
    if slot in _HOLDS:
        return Interval(
            start=start, requests=40, retries=8, limited=8, accepted=32 * CHUNK,
            latencies=_spread(40, 0.2, dice),
        )  # fmt: skip
    busy = 0.35 if slot in {0, _CRASH, _END - 1} else dice.uniform(0.9, 1.02)
    load = 1.8 if slot > 190 else 1.0
    requests = int(100 * busy / load)
    retries = dice.choice([0, 0, 0, 0, 0, 1]) + (14 if slot in {_OUTAGE[-1] + 1, _CRASH} else 0)
    return Interval(
        start=start,
        requests=requests,
        retries=retries,
        doubts=min(retries, 2),
        accepted=(requests - retries) * CHUNK,
        rejected=CHUNK if slot in {33, 171, 204} else 0,
        in_doubt=11 * CHUNK if slot == _CRASH else 2 * CHUNK if slot == _OUTAGE[-1] + 15 else 0,
        latencies=_spread(requests, 0.18 * load, dice),
    )


def _spread(number: int, middle: float, dice: Random) -> dict[float, int]:
    counts: dict[float, int] = {}
    for _ in range(number):
        bound = _class(middle * exp(dice.gauss(0, 0.45)))
        counts[bound] = counts.get(bound, 0) + 1
    return counts


def _class(seconds: float) -> float:
    return next(bound for bound in BOUNDS if seconds <= bound)


def chunk(ordinal: int, outcome: str, reason: str, attempts: int) -> ChunkOutcome:
    """Return a chunk's outcome, with ids that no report may show."""
    assert outcome in {"in_doubt", "rejected"}
    return ChunkOutcome(
        outcome="in_doubt" if outcome == "in_doubt" else "rejected",
        recipients=CHUNK,
        ids=("SECRET-ID",),
        start=ordinal * CHUNK,
        stop=(ordinal + 1) * CHUNK,
        transaction_id=f"{ordinal:08x}-4c1f-5b7e-9d20-7fd1c08e55aa",
        unknown_devices=("SECRET-DEVICE",),
        attempts=attempts,
        reason=reason,
    )


def campaign() -> RunPicture:
    """Return the run."""
    course = intervals()
    doubts = [
        chunk(3301 + n, "in_doubt", "HTTP 503, no repeat fitted the window", 5) for n in (0, 4)
    ]
    doubts += [
        chunk(8120 + n, "in_doubt", "its process ended without an outcome", 1)
        for n in (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 13)
    ]
    refused = 'status 210: Invalid value for the parameter "users": <unprintable> & more'
    rejected = [chunk(n, "rejected", refused, 1) for n in (1842, 9377, 11020)]
    report = SendReport(
        accepted=sum(each.accepted for each in course),
        rejected=len(rejected) * CHUNK,
        in_doubt=len(doubts) * CHUNK,
        invalid=412,
        duplicates=20_977,
        accepted_on_repeat=47_000,
        unknown_devices=18_344,
        requests=sum(each.requests for each in course),
        retries=sum(each.retries for each in course),
        seconds=10.0 * len(course) - 11,
        rejected_chunks=tuple(rejected),
        in_doubt_chunks=tuple(doubts),
    )
    return RunPicture(
        title="Autumn sale, all regions",
        application="8D2F1-77A0C",
        kind="users",
        of_each=False,
        run_id="0d9f4e8e-5a53-4a0c-9b57-9a3f2c7b1e64",
        base_url="https://api.pushwoosh.com",
        chunk_size=CHUNK,
        concurrency=16,
        library="0.4.0",
        created=CREATED,
        ended=course[-1].start + 4,
        report=report,
        recalled=0,
        settles=False,
        intervals=course,
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(campaign()), "utf-8")
