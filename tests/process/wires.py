"""What may happen to a process at a step of its attempts? Wires hang on what a user may bring: the token
callable, the hooks, the HTTP client; what they touch off is a trap.
"""  # noqa: D205 -- one question

import os
import random
import resource
import signal
from collections.abc import AsyncIterator, Callable

import httpx
from attrs import define, field

from pushwoosh_async.hooks import AttemptEvent, Hooks, OutcomeEvent

# In the order of a run. `begin` is before its journal. `gate` is before the gate is asked for a piece of a
# body, `piece` behind that and before its bytes, `sent` behind the last one.
STEPS = (
    "begin",
    "before_intend",
    "after_intend",
    "post",
    "gate",
    "piece",
    "sent",
    "answered",
    "recorded",
    "closed",
)
# Whoever stops between the gate and the bytes of the last piece, and for so long, is beyond any gate: it
# cannot be asked within the system call that sends.
GATED = ("before_intend", "after_intend", "post", "gate", "sent", "answered", "recorded")

Passed = Callable[[str], None]


@define
class Trap:
    """Does something to this process at the n-th passage of a step."""

    step: str
    left: int
    act: Callable[[], None]

    def passed(self, step: str) -> None:
        """Pass a step, and perhaps not come out of it."""
        self.left -= step == self.step
        if step == self.step and self.left == 0:
            self.act()


def trap(text: str, act: Callable[[int], None]) -> Trap:
    """Set a trap where a text says: STEP:N, or STEP:N:BYTES for what is done with a number."""
    step, number, *size = text.split(":")
    assert step in STEPS, text
    return Trap(step, int(number), lambda: act(int(size[0]) if size else 0))


@define
class Stops:
    """Stops this process so often, each time at a step and a passage of it that are drawn anew.

    Attributes:
        left: stops to come.
        dice: draws them.
        steps: at which it stopped so far.
    """

    left: int
    dice: random.Random
    steps: list[str] = field(factory=list)
    _next: str = ""
    _passages: int = 0

    def passed(self, step: str) -> None:
        """Pass a step, and perhaps wait there for SIGCONT."""
        if not self._next:
            self._next = self.dice.choice(GATED)
            self._passages = self.dice.randint(1, 4)
        self._passages -= step == self._next
        if self.left and step == self._next and self._passages == 0:
            self.left -= 1
            self.steps.append(step)
            self._next = ""
            stop()


def kill(_: int = 0) -> None:
    """Die here."""
    os.kill(os.getpid(), signal.SIGKILL)


def stop(_: int = 0) -> None:
    """Stop here, all threads."""
    os.kill(os.getpid(), signal.SIGSTOP)


def fill_the_disk(size: int) -> None:
    """Let no file grow beyond so many bytes from now on: the write that tries fails."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def die_in_a_write(size: int) -> None:
    """Let the kernel kill this process in the next write that goes beyond so many bytes of a file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    fill_the_disk(size)


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
        request.stream = WiredStream(request.stream, self._passed, ("gate", "piece", "sent"))
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = WiredStream(response.stream, self._passed, ("", "", "answered"))
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class WiredStream(httpx.AsyncByteStream):
    """Passes a step before each piece is asked for, one before it is handed on, one behind the last."""

    def __init__(
        self, inner: httpx.AsyncByteStream, passed: Passed, steps: tuple[str, str, str]
    ) -> None:
        self._inner = inner
        self._passed = passed
        self._asking, self._before, self._behind = steps

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._passed(self._asking)
        async for piece in self._inner:
            self._passed(self._before)
            yield piece
            self._passed(self._asking)
        self._passed(self._behind)

    async def aclose(self) -> None:
        await self._inner.aclose()
