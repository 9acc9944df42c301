"""One attempt of one chunk, a step at a time: what session and transport do between intent and outcome.

The guard and the gated body are the real ones, the bytes and the reading of an answer too.
"""

from collections.abc import Awaitable
from typing import Literal, TypeAlias, TypeVar

from model.server_model import Fate, ServerModel, reply
from pushwoosh_async import MessageResult, Notification, PushwooshError, TransportError
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.slots import GateClosed, GatedBody
from pushwoosh_async._wire.decode import Context, decode_messages
from pushwoosh_async._wire.encode import Body, Target, envelope, template
from pushwoosh_async._wire.reply import Reply

T = TypeVar("T")
Outcome: TypeAlias = MessageResult | PushwooshError

# What the client sees of the server's answer: itself, or one of many ways to lose it.
Answer: TypeAlias = Literal["itself", "reset", "500", "503", "408", "html", "failed"]
ANSWERS: tuple[Answer, ...] = ("itself", "reset", "500", "503", "408", "html", "failed")

_TEMPLATE = template(Notification(content="Hi"))
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


def body_of(guard: ChunkGuard) -> Body:
    """Encode a chunk, as the client does."""
    chunk = guard.chunk
    notification = _TEMPLATE.splice("users", chunk.encoded, chunk.transaction_id)
    return envelope(_TARGET, (notification,))


class Attempt:
    """From the intent to the outcome.

    Attributes:
        guard: of the chunk.
        stage: the intent waits for its commit; pieces of the body go out; all did; nothing more comes.
        abandoned: its caller has gone.
    """

    def __init__(self, guard: ChunkGuard, body: Body) -> None:
        self.guard = guard
        self.stage: Literal["intending", "sending", "handed over", "over"] = "intending"
        self.abandoned = False
        self._intent = guard.before_attempt().__await__()
        self._body = GatedBody(guard.may_hand_over)
        self._pieces = aiter(self._body)
        self._sent: list[bytes] = []
        self._reply: Reply | None = None
        self._settled = False
        self._body.fill(body.pieces(_TOKEN))

    def go_on(self) -> None:
        """Wait for the intent a little longer.

        Raises:
            PushwooshError: it cannot be begun.
        """
        try:
            next(self._intent)
        except StopIteration:
            self.stage = "sending"

    def push(self, server: ServerModel, now: float, fate: Fate, delay: float) -> Outcome | None:
        """Hand over one more piece, if the gate lets it; return the outcome if that was the end."""
        try:
            self._sent.append(run_now(anext(self._pieces)))
        except GateClosed:
            return self.fail()
        if self._body.handed_over:
            assert not self._settled, "it is handed over after it was said not to be"
            self._reply = server.receive(b"".join(self._sent), now, fate, delay)
            self.stage = "handed over"
        return None

    def fail(self) -> Outcome | None:
        """The connection breaks."""
        handed_over = self._body.revoke()
        return self._settle(
            TransportError("broken", delivery="in_doubt" if handed_over else "not_sent")
        )

    def hear(self, answer: Answer) -> Outcome | None:
        """The answer comes, or is lost."""
        found = self._reply if answer == "itself" else _LOST.get(answer)
        if found is None:
            return self.fail()
        context = Context("createMessage", (self.guard.chunk.transaction_id,), str, 0.0)
        return self._settle(decode_messages(found, context))

    def cancel(self) -> None:
        """Its caller goes: see `_Attempt.abandon` in `_transport.slots`."""
        self.abandoned = True
        if self.stage == "intending":
            self._intent.close()
            self.stage = "over"
            self.guard.record(TransportError("not begun", delivery="not_sent"))
        elif not self._body.revoke():
            self._record(TransportError("cancelled", delivery="not_sent"))

    def _settle(self, outcome: Outcome) -> Outcome | None:
        self.stage = "over"
        self._record(outcome)
        return None if self.abandoned else outcome

    def _record(self, outcome: Outcome) -> None:
        if not self._settled:
            self._settled = True
            self.guard.record(outcome)
