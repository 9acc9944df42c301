"""The program that these tests kill: one journalled fan-out, and a wire to stumble over at any step.

It is run as a process of its own and says on standard output, as JSON, how the run ended. The wires hang
on what a user may bring: the token callable, the hooks, the HTTP client.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import signal
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import attrs
import httpx

from pushwoosh_async import (
    ChunkOutcome,
    FanOut,
    Notification,
    PushwooshClient,
    PushwooshError,
    RetryPolicy,
    SendReport,
)
from pushwoosh_async.hooks import AttemptEvent, Hooks, OutcomeEvent

# In the order of an attempt. `piece` is before each piece of a body, `sent` behind its last one.
STEPS = ("before_intend", "after_intend", "post", "piece", "sent", "answered", "recorded", "closed")


class Wire:
    """Sends this process a signal at the n-th passage of a step."""

    def __init__(self, trap: str, number: signal.Signals) -> None:
        """Set a trap: STEP:N, or nothing."""
        self._step, _, count = trap.partition(":")
        assert not trap or self._step in STEPS, trap
        self._left = int(count or 0)
        self._number = number

    def passed(self, step: str) -> None:
        """Pass a step, and perhaps not come out of it."""
        self._left -= step == self._step
        if step == self._step and self._left == 0:
            os.kill(os.getpid(), self._number)


Passed = Callable[[str], None]


class WiredHooks(Hooks):
    """Passes the steps beside the journal: behind an intent, and behind an outcome's record."""

    def __init__(self, passed: Passed) -> None:
        self._passed = passed

    def on_attempt(self, event: AttemptEvent) -> None:
        self._passed("after_intend")

    def on_outcome(self, event: OutcomeEvent) -> None:
        self._passed("recorded")


class WiredTransport(httpx.AsyncBaseTransport):
    """Passes the steps of a request, each just before, or behind, its bytes."""

    def __init__(self, passed: Passed) -> None:
        self._passed = passed
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        self._passed("post")
        request.stream = WiredStream(request.stream, self._passed, ("piece", "sent"))
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = WiredStream(response.stream, self._passed, ("", "answered"))
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class WiredStream(httpx.AsyncByteStream):
    """Passes a step before each piece, and one behind the last."""

    def __init__(
        self, inner: httpx.AsyncByteStream, passed: Passed, steps: tuple[str, str]
    ) -> None:
        self._inner = inner
        self._passed = passed
        self._before, self._behind = steps

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner:
            self._passed(self._before)
            yield piece
        self._passed(self._behind)

    async def aclose(self) -> None:
        await self._inner.aclose()


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
    parser.add_argument("--kill-at", default="", metavar="STEP:N")
    parser.add_argument("--stop-at", default="", metavar="STEP:N")
    parser.add_argument("--fork-at", type=int, default=0, metavar="N", help="at the n-th outcome")
    parser.add_argument("--file-limit", type=int, default=None, metavar="BYTES")
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    kill, stop = Wire(options.kill_at, signal.SIGKILL), Wire(options.stop_at, signal.SIGSTOP)

    def passed(step: str) -> None:
        kill.passed(step)
        stop.passed(step)

    async def token() -> str:
        passed("before_intend")
        return "sandbox-token"

    async with contextlib.AsyncExitStack() as stack:
        http = httpx.AsyncClient(transport=WiredTransport(passed), trust_env=False)
        wired = bool(options.kill_at or options.stop_at)
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
            # Without a wire the transport is the one that users have.
            http_client=await stack.enter_async_context(http) if wired else None,
        )
        await stack.enter_async_context(client)
        run = begin(client, options)
        error = await watch(run, options)
    passed("closed")
    say(run.report, error)


def begin(client: PushwooshClient, options: argparse.Namespace) -> FanOut:
    """Make the run, the same for the same options: a second process resumes the first one's."""
    if options.file_limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (options.file_limit, options.file_limit))
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
    return client.fan_out(Notification(content="x"), users=users, **how)


def letters(users: list[str], size: int) -> Iterator[Notification]:
    """Yield a notification for each so many users, whose text names the first of them."""
    for start in range(0, len(users), size):
        yield Notification(content=letter_to(users[start]), users=users[start : start + size])


def letter_to(user: str) -> str:
    """Return the text of the letter to him and those behind him."""
    return f"for {user}"


async def watch(run: FanOut, options: argparse.Namespace) -> BaseException | None:
    """Go through a run: the first SIGTERM drains it, the second cancels. Return what it raised."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    actions: list[Callable[[], object]] = [task.cancel, run.drain]
    seen = 0

    def terminated() -> None:
        actions.pop()()

    loop.add_signal_handler(signal.SIGTERM, terminated)
    try:
        async with run:
            async for _ in run:
                seen += 1
                if seen == options.fork_at:
                    use_in_fork(options)
    except (PushwooshError, asyncio.CancelledError) as error:
        return error
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
    return None


def use_in_fork(options: argparse.Namespace) -> None:
    """Try to run the same journal in a forked copy of this process, and wait for the end of that."""
    with warnings.catch_warnings():
        # Python 3.12 warns of a fork beside threads: that is what is being tried.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os._exit(asyncio.run(run_in_fork(options)))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "the forked copy was not refused"


async def run_in_fork(options: argparse.Namespace) -> int:
    async with PushwooshClient(
        api_token="sandbox-token", application="XXXXX-XXXXX", base_url=options.base_url
    ) as client:
        error = await watch(begin(client, options), options)
    return 0 if type(error).__name__ == "JournalLockedError" else 1


def say(report: SendReport, error: BaseException | None) -> None:
    """Tell how it ended, on standard output."""
    told = {
        "report": attrs.asdict(report),
        "error": "" if error is None else type(error).__name__,
        "text": "" if error is None else str(error),
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
