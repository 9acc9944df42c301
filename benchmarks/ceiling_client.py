"""The process of one run against the server's limit: sends as fast as that allows, for a minute.

It counts nothing: the server does. `minute` is how long the limit's minute lasts here, in seconds.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count, cycle
from pathlib import Path
from typing import Any

from benchmarks.loopback import Place
from benchmarks.server import LIMIT
from benchmarks.workload import APPLICATION, CONTENT, TOKEN, Audience, user_ids
from pushwoosh_async import Notification, PushwooshClient, RateLimit

# Seconds beyond the minute, for what was late to start.
_AFTER = 0.5
# Enough for packs of 4 MB to be built while others are answered.
_IN_FLIGHT = 8

Sender = Callable[[Place, float], None]


def pypushwoosh(place: Place, minute: float) -> None:
    """1000 users a call, paced."""
    _paced(place, minute, Audience(LIMIT).slices())


def pypushwoosh_personalised(place: Place, minute: float) -> None:
    """One user a call, each with a text of its own, paced."""
    _paced(place, minute, ([user] for user in user_ids(LIMIT)))


def _paced(place: Place, minute: float, audiences: Iterator[Sequence[str]]) -> None:
    # Here, since the library's runs are to be had without the group `bench`.
    from benchmarks.contestants.pypushwoosh_loop import Caller

    caller, start = Caller(place), time.monotonic()
    for number, users in enumerate(audiences):
        time.sleep(max(0.0, start + number * minute / LIMIT - time.monotonic()))
        caller.send(users, CONTENT if len(users) > 1 else _text(number))


def library(place: Place, minute: float) -> None:
    """1000 users a request, as by default."""
    asyncio.run(_fan_out(place, minute))


def packed(place: Place, minute: float) -> None:
    """As many chunks of 1000 in a request as fit."""
    asyncio.run(_fan_out(place, minute, notifications_per_request="max"))


def personalised(place: Place, minute: float) -> None:
    """One user a notification, each with a text of its own, as many in a request as fit."""
    asyncio.run(_fan_out_each(place, minute))


async def _fan_out(place: Place, minute: float, **packing: Any) -> None:
    async with _client(place, minute) as client:
        ids = cycle(Audience(1000))
        run = client.fan_out(
            Notification(content=CONTENT), users=ids, concurrency=_IN_FLIGHT, **packing
        )
        await _watch(run, minute)


async def _fan_out_each(place: Place, minute: float) -> None:
    users = cycle(user_ids(100_000))
    notifications = (
        Notification(content=_text(number), users=[user])
        for number, user in zip(count(), users, strict=False)
    )
    async with _client(place, minute) as client:
        run = client.fan_out_each(
            notifications, concurrency=_IN_FLIGHT, notifications_per_request="max"
        )
        await _watch(run, minute)


async def _watch(run: Any, minute: float) -> None:
    """Let a run go on for so long."""
    async with run:
        end = time.monotonic() + minute + _AFTER
        async for _ in run:
            if time.monotonic() >= end:
                run.drain()
    assert run.report.rejected == run.report.in_doubt == 0


def _client(place: Place, minute: float) -> PushwooshClient:
    return PushwooshClient(
        api_token=TOKEN,
        application=APPLICATION,
        base_url=place.url,
        rate_limit=RateLimit(requests=LIMIT, per=minute),
        max_connections=_IN_FLIGHT,
        timeout=30.0,
    )


def _text(number: int) -> str:
    return f"Hello, number {number}"


SENDERS: dict[str, Sender] = {
    "pypushwoosh": pypushwoosh,
    "pypushwoosh_personalised": pypushwoosh_personalised,
    "library": library,
    "library_packed": packed,
    "library_personalised": personalised,
}


def main() -> None:
    """Read the command line, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=tuple(SENDERS))
    parser.add_argument("--url", required=True)
    parser.add_argument("--trust", type=Path)
    parser.add_argument("--minute", type=float, required=True)
    options = parser.parse_args()
    SENDERS[options.contestant](Place(options.url, options.trust), options.minute)
    print("{}")


if __name__ == "__main__":
    main()
