"""The object that `fan_out` returns: await it for the report, or enter it and watch."""

import warnings
from collections import deque
from collections.abc import Generator
from types import TracebackType
from typing import Any, Self

import anyio
from anyio.abc import TaskGroup
from attrs import evolve

from pushwoosh_async._fanout.report import ChunkOutcome, Progress, SendReport
from pushwoosh_async._fanout.runner import Runner
from pushwoosh_async._transport.rate_limit import RateLimit
from pushwoosh_async.errors import ConfigurationError

# Outcomes that a slow reader may lag behind before the run waits for it.
_LAG = 64


class FanOut:
    """One run: awaited it sends everything and returns the report, entered it can be watched.

    Awaited::

        report = await client.fan_out(notification, users=ids)

    Entered::

        async with client.fan_out(notification, users=ids) as run:
            async for outcome in run:
                print(run.progress.accepted, outcome)
        print(run.report)

    Leaving the block early stops the intake and drains what is in flight; what was not begun is not
    sent. An object can be used once, and does nothing until it is.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._claimed = False
        self._group: TaskGroup | None = None
        self._outcomes: deque[ChunkOutcome] = deque()
        self._reading = False
        self._left = False
        self._done = False
        self._told = False
        self._news = anyio.Event()
        self._room = anyio.Event()

    # -- awaited --------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, SendReport]:
        return self._complete().__await__()

    async def _complete(self) -> SendReport:
        self._claim()
        await self._runner.run()
        self._raise_failure()
        return self.report

    def _claim(self) -> None:
        if self._claimed:
            raise ConfigurationError(
                "fan_out: a run is used once: await it, or enter it and iterate over it"
            )
        self._claimed = True

    def _raise_failure(self) -> None:
        failure = None if self._told else self._runner.failure()
        if failure is not None:
            self._told = True
            raise failure

    def __del__(self) -> None:
        if not self._claimed:
            warnings.warn(
                "a fan_out was neither awaited nor entered: nothing was sent",
                RuntimeWarning,
                stacklevel=2,
            )

    # -- entered --------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._claim()
        self._runner.emit = self._emit
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        self._group.start_soon(self._run_behind)
        return self

    async def _run_behind(self) -> None:
        try:
            await self._runner.run()
        finally:
            self._done = True
            self._news.set()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        if self._group is None:
            raise ConfigurationError("fan_out: left without having been entered")
        self._left = True
        self._room.set()
        if isinstance(error, anyio.get_cancelled_exc_class()):
            self._runner.stop("cancelled")
            return await self._group.__aexit__(kind, error, traceback)
        self._runner.stop("the block was left")
        if error is not None and not isinstance(error, Exception):
            self._group.cancel_scope.cancel()  # somebody wants out: no draining
        # The body's own error does not cancel what is in flight: it drains, then the error goes on.
        await self._group.__aexit__(None, None, None)
        if error is None:
            self._raise_failure()
        return None

    async def _emit(self, outcome: ChunkOutcome) -> None:
        if self._left:
            return
        unread = not self._reading and len(self._outcomes) >= _LAG
        # What nobody may ever read must not hold the ids of everybody.
        self._outcomes.append(evolve(outcome, ids=()) if unread else outcome)
        self._news.set()
        while self._lagging():
            await self._room.wait()

    def _lagging(self) -> bool:
        """Whether the reader, if there is one, is so far behind that the run shall wait for it."""
        return self._reading and not self._left and len(self._outcomes) > _LAG

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ChunkOutcome:
        """Return the next outcome, in the order in which chunks end.

        Raises:
            RunStoppedError: after the last outcome, where the run was stopped.
        """
        if self._group is None:
            raise ConfigurationError("fan_out: enter the run (async with) to iterate over it")
        self._reading = True
        while not self._outcomes:
            if self._done:
                self._raise_failure()
                raise StopAsyncIteration
            if self._news.is_set():
                self._news = anyio.Event()
            await self._news.wait()
        outcome = self._outcomes.popleft()
        if len(self._outcomes) == _LAG:  # all who wait, wait for this
            self._room.set()
            self._room = anyio.Event()
        return outcome

    # -- watched --------------------------------------------------------------------------------

    @property
    def progress(self) -> Progress:
        """How far the run has come."""
        return self._runner.progress()

    @property
    def report(self) -> SendReport:
        """What became of whom: final once the run has ended, however it did."""
        return self._runner.report()

    def pause(self) -> None:
        """Begin no new chunk until `unpause`. What is in flight, and what is in doubt, goes on."""
        self._runner.pause(paused=True)

    def unpause(self) -> None:
        """Begin new chunks again."""
        self._runner.pause(paused=False)

    def set_rate(self, limit: RateLimit | None) -> None:
        """Let new requests of this run begin at this rate at most, from now on.

        The client's own rate limit stays above it, for everything that the client sends; repeats wait
        for that one alone.

        Args:
            limit: such as ``RateLimit(requests=60, per=60.0, burst=1)``; None for none of the run's own.

        Raises:
            TypeError: it is neither.
            ConfigurationError: it is adaptive, which only the client's own can be.
        """
        if limit is not None and not isinstance(limit, RateLimit):
            raise TypeError(f"limit: expected a RateLimit or None, got {type(limit).__name__}")
        if limit is not None and limit.adaptive:
            raise ConfigurationError(
                "limit: a run's own rate is not adapted; give the client RateLimit(adaptive=True)"
            )
        self._runner.set_rate(limit)

    def drain(self) -> None:
        """Begin nothing new; what is in flight goes on to its end. Returns at once: the iteration, or
        leaving the block, waits for that end.
        """  # noqa: D205 -- the second half keeps users from waiting on it
        self._runner.stop("drained")
