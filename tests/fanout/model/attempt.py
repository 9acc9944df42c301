"""One attempt at one request, a step at a time: what session and transport do between intent and outcome.

Guards and the gated body are the real ones, the bytes and the reading of an answer too.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Literal, TypeAlias, TypeVar

from model.server_model import Fate, ServerModel, reply
from model.step_loop import StepLoop
from pushwoosh_async import MessageResult, Notification, PushwooshError, TransportError
from pushwoosh_async._fanout.chunks import Chunk, Message
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.retry import asked_delay, is_repeatable
from pushwoosh_async._transport.slots import GateClosed, GatedBody
from pushwoosh_async._wire.decode import Context, decode_messages
from pushwoosh_async._wire.encode import Body, Target, envelope, template
from pushwoosh_async._wire.reply import Reply

T = TypeVar("T")
Outcome: TypeAlias = MessageResult | PushwooshError

# What the client sees of the server's answer: itself, or one of many ways to lose it.
Answer: TypeAlias = Literal["itself", "reset", "500", "503", "408", "html", "failed"]
ANSWERS: tuple[Answer, ...] = ("itself", "reset", "500", "503", "408", "html", "failed")
Stage: TypeAlias = Literal["waiting", "intending", "sending", "handed over", "over"]

MESSAGE = Message("users", template(Notification(content="Hi")))
_TARGET = Target("application", "AAAAA-BBBBB")
_TOKEN = Secret("token", "api_token")
_LOST = {
    "500": reply(500),
    "503": reply(503),
    "408": reply(408),
    "html": Reply(200, {}, b"<html>"),
    "failed": reply(200, status_code=500),
}


def run_now(awaitable: Awaitable[T]) -> T:
    """Run what never waits."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waits")


class Attempt:
    """From the wait for a slot to the outcome.

    Attributes:
        guard: of the request.
        stage: it waits to be begun; its intents wait for their commit; pieces of the body go out; all did;
            nothing more comes.
        begun: done when it may begin.
        outcome: what it came to; None before that.
        told: done when its caller learns that.
        backoff: seconds that its caller would wait after it.
    """

    def __init__(
        self, guard: RequestGuard, body: Body, ids: tuple[str, ...], loop: StepLoop
    ) -> None:
        self.guard = guard
        self.stage: Stage = "waiting"
        self.begun: asyncio.Future[None] = loop.create_future()
        self.outcome: Outcome | None = None
        self.told: asyncio.Future[Outcome] = loop.create_future()
        self.backoff = 0.5
        self._ids = ids
        self._body = GatedBody(guard.may_hand_over)
        self._body.fill(body.pieces(_TOKEN))
        self._pieces = aiter(self._body)
        self._sent: list[bytes] = []
        self._reply: Reply | None = None
        self._settled = False

    @property
    def name(self) -> str:
        """Which chunks it carries."""
        return "+".join(guard.chunk.path for guard in self.guard.guards)

    async def intend(self) -> None:
        """Make its intents durable.

        Raises:
            PushwooshError: it cannot be begun.
        """
        self.stage = "intending"
        try:
            await self.guard.before_attempt()
        except BaseException:
            self.stage = "over"
            self.guard.record(TransportError("not begun", delivery="not_sent"))
            raise
        self.stage = "sending"

    def push(self, server: ServerModel, now: float, fate: Fate, delay: float) -> None:
        """Hand over one more piece, if the gate lets it."""
        try:
            self._sent.append(run_now(anext(self._pieces)))
        except GateClosed:
            self.fail()
            return
        if self._body.handed_over:
            assert not self._settled, "it is handed over after it was said not to be"
            self._reply = server.receive(b"".join(self._sent), now, fate, delay)
            self.stage = "handed over"

    def fail(self) -> None:
        """The connection breaks."""
        handed_over = self._body.revoke()
        self._settle(TransportError("broken", delivery="in_doubt" if handed_over else "not_sent"))

    def hear(self, answer: Answer) -> None:
        """The answer comes, or is lost."""
        found = self._reply if answer == "itself" else _LOST.get(answer)
        if found is None:
            self.fail()
        else:
            self._settle(decode_messages(found, Context("createMessage", self._ids, str, 0.0)))

    def abandon(self) -> bool:
        """Its caller goes: see `_Attempt.abandon` in `_transport.slots`. Tell whether it lives on."""
        lives_on = self.stage in {"sending", "handed over"}
        if lives_on and not self._body.revoke():
            self._record(TransportError("cancelled", delivery="not_sent"))
        return lives_on

    def _settle(self, outcome: Outcome) -> None:
        self.stage = "over"
        self._record(outcome)
        self.outcome = outcome
        if not self.told.done():
            self.told.set_result(outcome)

    def _record(self, outcome: Outcome) -> None:
        if not self._settled:
            self._settled = True
            self.guard.record(outcome)


class Client:
    """Sends requests, and repeats them as the session does; when they go on is for the model to say.

    Attributes:
        attempts: those that somebody waits for.
        orphans: those whose caller was cancelled.
    """

    def __init__(self, loop: StepLoop) -> None:
        self.attempts: list[Attempt] = []
        self.orphans: list[Attempt] = []
        self._loop = loop

    async def send(self, chunks: Sequence[Chunk], guard: RequestGuard) -> MessageResult:
        """Send chunks in one request, repeated as far as the guard allows.

        Raises:
            PushwooshError: how it ended.
        """
        body = envelope(_TARGET, [chunk.notification() for chunk in chunks])
        ids = tuple(chunk.transaction_id for chunk in chunks)
        while True:
            attempt = Attempt(guard, body, ids, self._loop)
            outcome = await self._made(attempt)
            if not isinstance(outcome, PushwooshError):
                return outcome
            delay = max(attempt.backoff, asked_delay(outcome))
            if not (is_repeatable(outcome, doubts_too=True) and guard.may_repeat(delay)):
                raise outcome

    async def _made(self, attempt: Attempt) -> Outcome:
        self.attempts.append(attempt)
        try:
            await attempt.begun
            await attempt.intend()
            return await attempt.told
        except asyncio.CancelledError:
            if attempt.abandon():
                self.orphans.append(attempt)
            raise
        finally:
            self.attempts.remove(attempt)
