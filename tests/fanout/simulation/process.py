"""How does one process live, and die? Its steps, its connections, and the real sender's parts in it."""

import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import anyio
from attrs import define

from pushwoosh_async._transport.exchange import Post
from pushwoosh_async._transport.slots import GatedBody
from simulation.answers import Answer
from simulation.computer import Computer
from simulation.server import Server
from simulation.slow_journal import ForgottenJournal, SlowJournal
from simulation.witness import Witness

_CONNECTING = 0.001  # seconds


class Process:
    """A process that counts its steps, and can be killed at each.

    Attributes:
        alive: False once it was killed: what it does then, it does no more.
        requests: bodies that left it whole.
        told: transactionIds that it was told are accepted.
        over: it has ended, or was killed.
        scope: cancels the sender.
        journal: its journal.
        at_step: what happens at which step.
    """

    def __init__(self, witness: Witness) -> None:
        self.alive = True
        self.requests = 0
        self.told: set[str] = set()
        self.over = anyio.Event()
        self.scope = anyio.CancelScope()
        self.journal: SlowJournal | ForgottenJournal
        self.at_step: dict[int, Callable[[], None]] = {}
        self._steps = 0
        self._witness = witness

    def step(self, name: str) -> None:
        """Do something that a process can die just before, or just after."""
        if not self.alive:
            return
        self._steps += 1
        event = self.at_step.pop(self._steps, None)
        if event is not None:
            self._witness.note(f"at step {self._steps}, {name}:")
            event()

    def kill(self) -> None:
        """Kill it: nothing that it does from now on leaves a mark."""
        if not self.alive or self.over.is_set():
            return
        self.alive = False
        self._witness.happened("a process was killed")
        if isinstance(self.journal, SlowJournal):
            self.journal.crash()
        self._witness.excuse_all_open()
        self.scope.cancel()
        self.over.set()


@define
class Response:
    """An answer as an HTTP library gives it."""

    _answer: Answer

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self._answer.status

    @property
    def headers(self) -> dict[str, str]:
        """Its headers."""
        return self._answer.headers

    @property
    async def stream(self) -> AsyncIterator[bytes]:
        """Its body."""
        yield self._answer.body

    async def aclose(self) -> None:
        """Nothing is open."""


@define
class Connection:
    """One connection of one process to the server: a `Line` of the real transport."""

    _process: Process
    _server: Server
    _computer: Computer
    _witness: Witness
    _rng: random.Random
    _rough: bool

    async def send(self, post: Post, body: GatedBody) -> Response:
        """Exchange one request."""
        self._process.step("connecting")
        await anyio.sleep(_CONNECTING)
        if not self._process.alive:
            raise ConnectionResetError
        door = self._server.door()
        self._witness.note(f"connection: {door}")
        if door == "refused":
            raise ConnectionRefusedError
        if door == "early":
            self._witness.happened("an answer came too early")
            early = self._server.read(_read(post.body.pieces(post.token)))
            self._witness.excuse(*early.tids)
            return Response(self._server.early())
        pieces = await self._upload(body, cut=door == "cut")
        return Response(await self._await_answer(pieces))

    async def _upload(self, body: GatedBody, *, cut: bool) -> list[bytes]:
        """Take the pieces. Like an HTTP library that fails behind the last one, never ask for more."""
        pieces: list[bytes] = []
        source = aiter(body)
        try:
            while not pieces or pieces[-1] != b"}":
                pieces.append(await anext(source))
                self._process.step("piece handed over")
                if not self._process.alive or cut:
                    self._witness.happened("a connection was cut")
                    raise ConnectionResetError
                self._dawdle(pieces)
        finally:
            if isinstance(source, AsyncGenerator):
                await source.aclose()
        return pieces

    def _dawdle(self, pieces: list[bytes]) -> None:
        """Be stopped in mid-body: the gate is asked before the last byte leaves."""
        if self._rough and len(pieces) == 1 and self._rng.random() < 0.1:
            self._witness.happened("stopped in mid-body")
            self._computer.stop(self._rng.uniform(0.0, 400.0))

    async def _await_answer(self, pieces: list[bytes]) -> Answer:
        request = self._server.read(_read(pieces))
        self._server.receive(request)
        self._process.requests += 1
        self._witness.note(f"server receives {request.name}")
        self._process.journal.arrived(request.tids, sum(map(len, pieces)))
        with self._witness.attempt(request.tids) as attempt:
            self._process.step("request received")
            await anyio.sleep(request.answer_after)
            answer = self._server.say(request)
            self._witness.note(f"answer to {request.name}: {answer.status} {answer.body!r}")
            self._process.step("answer on its way")
            if not self._process.alive or not answer.status:
                raise ConnectionResetError
            attempt.clear = answer.is_clear(len(request.tids))
            if answer.accepts(len(request.tids)):
                self._process.told.update(request.tids)
        return answer

    async def aclose(self) -> None:
        """Nothing is open."""


def _read(pieces: list[bytes]) -> dict[str, Any]:
    request: dict[str, Any] = json.loads(b"".join(pieces))
    return request
