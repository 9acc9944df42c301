"""The program that these tests kill: one journalled fan-out, and a wire to stumble over at any step.

It is run as a process of its own and says on standard output, as JSON, how the run ended.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
from stracing import let_no_sync_succeed

from pushwoosh_async import (
    ChunkOutcome,
    ConfigurationError,
    FanOut,
    JournalLockedError,
    Notification,
    PushwooshClient,
    PushwooshError,
    RetryPolicy,
    SendReport,
)

from .scarcity import eat, leave_memory, want_too_much
from .wires import (
    Passed,
    Stops,
    Trap,
    WiredHooks,
    WiredTransport,
    die_in_a_write,
    fill_the_disk,
    kill,
    stop,
    trap,
)


def ids(count: int, length: int) -> list[str]:
    """Return the source: each id once, of that length at least."""
    return [f"u{number}".ljust(length, "-") for number in range(count)]


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--journal", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--chunk-size", type=int, required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    parser.add_argument("--id-length", type=int, required=True)
    parser.add_argument("--window", type=float, default=300.0)
    parser.add_argument("--margin", type=float, default=120.0)
    parser.add_argument("--timeout", type=float, default=30.0)
    parser.add_argument(
        "--per-request", type=int, default=1, metavar="N", help="chunks in a request"
    )
    parser.add_argument("--max-bytes", type=int, default=4_000_000, help="of a packed request")
    parser.add_argument("--letters", action="store_true", help="each chunk gets its own text")
    parser.add_argument("--on-rejected", default="report")
    parser.add_argument("--retry-rejected", action="store_true")
    parser.add_argument("--resend-in-doubt", action="store_true")
    parser.add_argument("--fork-at", type=int, default=0, metavar="N", help="at the n-th outcome")
    parser.add_argument("--hungry-at", type=int, default=-1, metavar="N", help="at the n-th id")
    parser.add_argument("--careless", action="store_true", help="hear no signal")
    for name, fault in TRAPS.items():
        parser.add_argument(f"--{name}", default=[], action="append", metavar=fault)
    parser.add_argument("--stops", default="", metavar="SEED:N", help="stop so often, anywhere")
    return parser.parse_args()


TRAPS = {
    "kill-at": "STEP:N",
    "stop-at": "STEP:N",
    "no-sync-at": "STEP:N",
    "full-at": "STEP:N:BYTES",
    "die-writing-at": "STEP:N:BYTES",
    "memory-at": "STEP:N:BYTES",
    "eat-at": "STEP:N:BYTES",
}


def set_traps(options: argparse.Namespace) -> list[Trap]:
    """Return what shall happen to this process, and where."""
    acts: dict[str, Callable[[int], None]] = {
        "kill_at": kill,
        "stop_at": stop,
        "no_sync_at": lambda _: let_no_sync_succeed(Path(f"{options.journal}-journal")),
        "full_at": fill_the_disk,
        "die_writing_at": die_in_a_write,
        "memory_at": leave_memory,
        "eat_at": eat,
    }
    return [trap(text, act) for name, act in acts.items() for text in getattr(options, name)]


async def main(options: argparse.Namespace) -> None:
    traps = set_traps(options)
    seed, _, number = options.stops.partition(":")
    stops = Stops(int(number or 0), random.Random(seed))  # noqa: S311 -- repeatable on purpose
    # Without a wire in it, the transport is the one that users have.
    wired = bool(options.stops) or any(each.step != "begin" for each in traps)

    def passed(step: str) -> None:
        for each in traps:
            each.passed(step)
        stops.passed(step)

    passed("begin")
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_client(options, passed, wired=wired))
        run = begin(client, options)
        error = await watch(run, options, client)
    passed("closed")
    say(run.report, error, stops.steps)


@contextlib.asynccontextmanager
async def open_client(
    options: argparse.Namespace, passed: Passed, *, wired: bool
) -> AsyncIterator[PushwooshClient]:
    """Open the client, on a transport with wires in it, or on its own."""

    async def token() -> str:
        passed("before_intend")
        return "sandbox-token"

    async with contextlib.AsyncExitStack() as stack:
        http = httpx.AsyncClient(transport=WiredTransport(passed), trust_env=False)
        client = PushwooshClient(
            api_token=token,
            application="XXXXX-XXXXX",
            base_url=options.base_url,
            timeout=options.timeout,
            rate_limit=None,
            retry=RetryPolicy(
                base_delay=0.01, max_delay=0.1, window=options.window, margin=options.margin
            ),
            hooks=WiredHooks(passed),
            http_client=await stack.enter_async_context(http) if wired else None,
        )
        yield await stack.enter_async_context(client)


def begin(client: PushwooshClient, options: argparse.Namespace) -> FanOut:
    """Make the run, the same for the same options: a second process resumes the first one's."""
    how = {
        "journal": options.journal,
        "chunk_size": options.chunk_size,
        "concurrency": options.concurrency,
        "notifications_per_request": options.per_request,
        "max_request_bytes": options.max_bytes,
        "on_rejected": options.on_rejected,
        "retry_rejected": options.retry_rejected,
        "resend_in_doubt": options.resend_in_doubt,
    }
    users = ids(options.count, options.id_length)
    if options.letters:
        return client.fan_out_each(letters(users, options.chunk_size), **how)
    source: Iterable[str] = users
    if options.hungry_at >= 0:
        source = want_too_much(users, options.hungry_at)
    return client.fan_out(Notification(content="x"), users=source, **how)


def letters(users: list[str], size: int) -> Iterator[Notification]:
    """Yield a notification for each so many users, whose text names the first of them."""
    for start in range(0, len(users), size):
        yield Notification(content=letter_to(users[start]), users=users[start : start + size])


def letter_to(user: str) -> str:
    """Return the text of the letter to him and those behind him."""
    return f"for {user}"


async def watch(
    run: FanOut, options: argparse.Namespace, client: PushwooshClient
) -> BaseException | None:
    """Go through a run: the first signal drains it, the second cancels. Return what it raised."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    actions: list[Callable[[], object]] = [task.cancel, run.drain]
    seen = 0

    def terminated() -> None:
        actions.pop()()

    heard = () if options.careless else (signal.SIGTERM, signal.SIGINT)
    for number in heard:
        loop.add_signal_handler(number, terminated)
    try:
        async with run:
            async for _ in run:
                seen += 1
                if seen == options.fork_at:
                    use_in_fork(options, client)
    except (PushwooshError, MemoryError, asyncio.CancelledError) as error:
        return error
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
    return None


def use_in_fork(options: argparse.Namespace, client: PushwooshClient) -> None:
    """Try to go on in a forked copy of this process, and wait for the end of that."""
    with warnings.catch_warnings():
        # Python 3.12 warns of a fork beside threads: that is what is being tried.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os._exit(asyncio.run(run_in_fork(options, client)))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "the forked copy was not refused"


async def run_in_fork(options: argparse.Namespace, inherited: PushwooshClient) -> int:
    """Return 0 if the parent's client is refused, and the parent's journal to a client of its own."""
    async with PushwooshClient(
        api_token="sandbox-token", application="XXXXX-XXXXX", base_url=options.base_url
    ) as own:
        error = await watch(begin(own, options), options, own)
    try:
        await inherited.create_message(Notification(content="x", users=["u0"]))
    except ConfigurationError as refusal:
        return 0 if isinstance(error, JournalLockedError) and "forked" in str(refusal) else 1
    return 1


def say(report: SendReport, error: BaseException | None, stops: list[str]) -> None:
    """Tell how it ended, on standard output."""
    told = {
        "report": attrs.asdict(report),
        "error": "" if error is None else type(error).__name__,
        "text": "" if error is None else str(error),
        "stops": stops,
    }
    print(json.dumps(told))  # noqa: T201 -- this is what it says


def read_report(document: dict[str, Any]) -> SendReport:
    """Return the report that a process told."""
    chunks = {
        name: tuple(ChunkOutcome(**each) for each in document[name])
        for name in ("rejected_chunks", "in_doubt_chunks")
    }
    ranges = tuple((start, stop) for start, stop in document["not_sent_ranges"])
    return SendReport(**{**document, **chunks, "not_sent_ranges": ranges})


if __name__ == "__main__":
    asyncio.run(main(read_options()))
