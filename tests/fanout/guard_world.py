"""What the tests of guards share: what an attempt comes to, a run that listens, a request of chunks."""

import uuid
from collections.abc import Mapping, Sequence

from memory_journal import MemoryJournal

from pushwoosh_async import (
    AuthenticationError,
    Delivery,
    InvalidRequestError,
    MessageResult,
    RateLimitedError,
    ServerError,
    Stamp,
    TransportError,
)
from pushwoosh_async._fanout.chunks import Chunk, Message
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._fanout.state import Event, Life, State
from pushwoosh_async._window import Exposure, Window
from pushwoosh_async._wire.encode import Template
from pushwoosh_async._wire.identity import encode_ids, ids_digest
from pushwoosh_async.testing import FakeClock

# How the reason of a refusal begins that came after a doubt, behind its name.
PROVES_NOTHING = "what was sent before it may have been taken"
WINDOW = Window(length=300.0, attempt=30.0, margin=120.0)
LAST_START = 150.0
MESSAGE = Message("users", Template("00", b'{"send_date":"now",'))


def accepted(
    *codes: str | None, unknown: Mapping[str, tuple[str, ...]] | None = None
) -> MessageResult:
    """A 200/200 with these codes."""
    return MessageResult(message_codes=codes, unknown_devices=unknown or {})


def refusal(delivery: Delivery = "rejected") -> InvalidRequestError:
    """A 210."""
    return InvalidRequestError("bad argument", http_status=200, delivery=delivery)


def limited(delivery: Delivery = "not_sent") -> RateLimitedError:
    """A 429."""
    return RateLimitedError("too many", http_status=429, delivery=delivery)


def doubt() -> ServerError:
    """A 500."""
    return ServerError("failed", http_status=500)


def unsent() -> TransportError:
    """A refused connection."""
    return TransportError("refused", delivery="not_sent")


def revoked(delivery: Delivery = "not_sent") -> AuthenticationError:
    """A 401."""
    return AuthenticationError("no", http_status=401, delivery=delivery)


def doubted(age: float) -> Life:
    """A chunk whose first attempt began so many seconds ago, and that nobody answered."""
    now = FakeClock().stamp()
    t0 = Stamp(now.wall - age, now.boottime - age, now.boot_id)
    return Life(State.IN_DOUBT, Exposure(t0, in_doubt=True), attempts=1, reason="before")


def chunk_of(path: str, ids: Sequence[str], start: int = 0, message: Message = MESSAGE) -> Chunk:
    """A chunk of these ids, with a transactionId of its own."""
    encoded = encode_ids(ids)
    return Chunk(
        path=path,
        start=start,
        stop=start + len(ids),
        count=len(ids),
        encoded=encoded,
        digest=ids_digest(encoded),
        transaction_id=str(uuid.uuid5(uuid.NAMESPACE_OID, path)),
        message=message,
    )


class Overseer:
    """A run that hears everything and stops when told."""

    def __init__(self) -> None:
        self.is_stopping = False
        self.events: list[tuple[Event, State]] = []
        self.seconds: list[float] = []
        self.halves: tuple[Chunk, ...] = ()
        self.remark = ""

    def stopping(self) -> bool:
        """Say whether it stops."""
        return self.is_stopping

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Write it down."""
        self.events.append((event, life.state))
        self.seconds.append(seconds)

    def bisect(self, chunk: Chunk) -> tuple[tuple[Chunk, ...], str]:
        """Take it apart, if that was prepared."""
        return self.halves, self.remark


class World:
    """Chunks, of two ids where nothing else is said, the guard of a request with them, and its world."""

    def __init__(
        self,
        count: int = 1,
        *,
        lives: Sequence[Life] = (),
        packs: Sequence[str] = (),
        audiences: Sequence[Sequence[str]] = (),
        clean: bool = True,
        journal: MemoryJournal | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.journal = journal or MemoryJournal()
        self.overseer = Overseer()
        self.guards = [
            ChunkGuard(
                chunk_of(
                    str(n), audiences[n] if audiences else (f"u{2 * n + 1}", f"u{2 * n + 2}"), 2 * n
                ),
                clock=self.clock,
                overseer=self.overseer,
                life=lives[n] if lives else None,
                pack=packs[n] if packs else "",
                refusals_are_clean=clean,
            )
            for n in range(count)
        ]
        self.guard = self.request()

    def request(self, *guards: ChunkGuard) -> RequestGuard:
        """Return the guard of a request with these; by default with all."""
        return RequestGuard(
            guards or self.guards,
            journal=self.journal,
            clock=self.clock,
            window=WINDOW,
            overseer=self.overseer,
        )

    @property
    def first(self) -> ChunkGuard:
        """The guard of the first chunk."""
        return self.guards[0]

    @property
    def life(self) -> Life:
        """How the first chunk stands."""
        return self.first.life

    def state(self) -> State:
        """Where the first chunk stands."""
        return self.life.state

    def states(self) -> list[State]:
        """Where each chunk stands."""
        return [guard.life.state for guard in self.guards]

    @property
    def events(self) -> list[Event]:
        """What the run heard."""
        return [event for event, _ in self.overseer.events]

    def lives(self) -> list[Life]:
        """What the journal knows, once all that was handed over is written."""
        self.journal.flush()
        return [row.life for row in self.journal.disk.records()]

    async def attempt(self, outcome: object) -> None:
        """Make one attempt that comes to this."""
        await self.guard.before_attempt()
        self.guard.record(outcome)
