"""What a run writes down: the Journal protocol, its records, and the journal of a run without one."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Protocol

from attrs import field, frozen

from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.state import Life
from pushwoosh_async._fanout.timeline import Slice
from pushwoosh_async._window import Stamp

# Of a salvaged journal of which nobody can tell how far its run came: see `Opened.salvaged_to`.
EVERY_CHUNK = 2**53 - 1


@frozen(kw_only=True)
class Record:
    """What a journal knows of one chunk: one row, written anew with each change.

    Attributes:
        path: its name in the run: ``"17"``, a half ``"17.0"``, a successor ``"17#1"``.
        parent: the path of the chunk it stands for; empty for one that was cut from the source.
        start: input position of its first id.
        stop: input position after its last, and after what was set aside behind it.
        recipients: how many ids it has.
        invalid: inputs of the range that were set aside because they break a rule; 0 where it has a parent.
        duplicates: those set aside because they came before; 0 where it has a parent.
        digest: sha256 of the JSON array of its ids.
        transaction_id: the same for every attempt.
        content: what is sent to them, as kind and digest, where each chunk has its own; else empty.
        pack: path of the first chunk of the request that its intent stands for; empty if it went alone.
        life: how it stands.
        unknown: how many of its ids the application does not know.
        began: wall clock at the beginning of its last attempt, in seconds since the epoch; 0 before one.
        ended: wall clock at that attempt's outcome; 0 before one.
        ids: its ids as a JSON array, where the run stores ids; else empty.
        unknown_ids: those the application does not know, where the run stores ids; else empty.
    """

    path: str
    parent: str = ""
    start: int
    stop: int
    recipients: int
    invalid: int = 0
    duplicates: int = 0
    digest: bytes = field(repr=False)
    transaction_id: str
    content: str = ""
    pack: str = ""
    life: Life
    unknown: int = 0
    began: float = 0.0
    ended: float = 0.0
    ids: bytes = field(default=b"", repr=False)
    unknown_ids: tuple[str, ...] = field(default=(), repr=False)

    @property
    def root(self) -> int:
        """The ordinal of the chunk that was cut from the source: 17 of ``"17#1.0"``."""
        return root_of(self.path)


def root_of(path: str) -> int:
    """Return the ordinal of the chunk that was cut from the source."""
    if path.isdigit():  # nearly all of them, and asked for each row that is written
        return int(path)
    end = next(at for at, character in enumerate(path) if not character.isdigit())
    return int(path[:end])


@frozen(kw_only=True)
class RunFacts:
    """What makes a run the one it is; written once, before its first request.

    Attributes:
        run_id: a UUID, as text; every transactionId hangs on it.
        send_id: the caller's name for the send, or None.
        base_url: where it is sent.
        application: code of the application, or None.
        applications_group: code of the group instead, or None.
        kind: ``"users"`` or ``"devices"``; ``"recipients"`` where each notification names its own.
        template_digest: sha256 of the notification without recipients, in hexadecimal; else empty.
        notification: the notification on the wire, without recipients, as JSON; else ``{}``.
        chunk_size: ids in a chunk.
        dedupe: whether an id that comes twice is sent to once.
        invalid: ``"raise"`` or ``"drop"``.
        fingerprint: of the source, where it has one: size and sha256 of a file; else empty.
        source: how a command line can read the source again, as JSON; else empty.
        total: ids in the source, where it has a length; else None.
        window: seconds the server remembers an id.
        margin: seconds after which no abandoned request is committed any more.
        store_ids: whether ids are written down.
        concurrency: chunks in flight.
        library: version of this library.
        created: when, by wall clock, boot clock and boot id.
    """

    run_id: str
    send_id: str | None
    base_url: str
    application: str | None
    applications_group: str | None
    kind: str
    template_digest: str
    notification: str = field(repr=False)
    chunk_size: int
    dedupe: bool
    invalid: str
    fingerprint: str = ""
    source: str = ""
    total: int | None = None
    window: float
    margin: float
    store_ids: bool
    concurrency: int
    library: str
    created: Stamp


@frozen(kw_only=True)
class Ending:
    """How the latest session of a run ended; absent while one goes on, and after a crash of the first.

    Attributes:
        complete: the source was read to its end and every chunk of it was begun.
        taken: ids read from the source.
        invalid: those set aside because they break a rule.
        duplicates: those set aside because they came before.
        input_complete: see `SendReport.input_complete`.
        stopped: why it ended early; empty if it did not.
        seconds: time of all sessions that ended so.
        ended: wall clock.
        requests: HTTP requests of all sessions so far, as far as they are known.
        retries: how many of them were repeats.
    """

    complete: bool
    taken: int
    invalid: int
    duplicates: int
    input_complete: bool
    stopped: str
    seconds: float
    ended: float
    requests: int = 0
    retries: int = 0


@frozen(kw_only=True)
class Opened:
    """What was found when a journal was opened.

    Attributes:
        facts: of the run: those given if the journal is new, those found if not.
        resumed: whether there was a run in it.
        ending: how its latest session ended; None for a new one, and after a crash of the first session.
        highest: the highest ordinal of a chunk with an intent; -1 for none.
        salvaged_to: up to this ordinal a chunk without a record may have been sent; -1 unless salvaged.
        recalled: whether a recall has cancelled any of its messages.
    """

    facts: RunFacts
    resumed: bool = False
    ending: Ending | None = None
    highest: int = -1
    salvaged_to: int = -1
    recalled: bool = False


class Journal(Protocol):
    """The record of a run, written before its deeds."""

    @property
    def is_new(self) -> bool:
        """Whether no session before this one can have sent anything: looked up until it is open."""

    async def open(self, facts: RunFacts) -> Opened:
        """Begin a run, durably; or find the one that is there.

        Raises:
            JournalLockedError: somebody else uses it.
            JournalError: it cannot be written, or what is there cannot be trusted.
        """

    def records(self) -> AsyncGenerator[Sequence[Record], None]:
        """Read every record in the order of the input, all of one chunk's descendants behind it, in pages.

        To be read to its end, or closed, before the first new record is written.

        Raises:
            JournalError: one cannot be trusted.
        """

    async def intend(self, *records: Record) -> None:
        """Record that an attempt begins, in one transaction for all that are in the request. Its bytes may
        leave once this has returned, not before.

        Raises:
            JournalError: it could not be recorded: nothing may be sent.
        """  # noqa: D205 -- the order belongs to the deed

    def note(self, *records: Record) -> None:
        """Record what became of an attempt; several records in one transaction.

        Never waits, so that nothing can come in between; never raises: what cannot be written makes
        `close` raise.
        """

    def keep(self, status: "Status") -> None:
        """Let others see how far the run has come. Never waits, never raises."""

    async def close(self, ending: Ending | None) -> None:
        """Write everything down and let go of the file. Idempotent.

        Args:
            ending: how the session ended; None where it never began.

        Raises:
            JournalError: something noted could not be written.
        """


@frozen(kw_only=True)
class Status:
    """What a running send shows of itself.

    Attributes:
        progress: its counts, by name: see `Progress`.
        slices: of its timeline that have changed.
    """

    progress: dict[str, Any]
    slices: tuple[Slice, ...]


class NoJournal:
    """A run that is forgotten when its process ends. What is open is in the runner's hands, so nothing
    is kept here.
    """  # noqa: D205 -- the reason belongs to the sentence

    @property
    def is_new(self) -> bool:
        """Each is."""
        return True

    async def open(self, facts: RunFacts) -> Opened:
        """Begin a run."""
        return Opened(facts=facts)

    async def records(self) -> AsyncGenerator[Sequence[Record], None]:
        """There are none."""
        none: tuple[Sequence[Record], ...] = ()
        for page in none:
            yield page

    async def intend(self, *records: Record) -> None:
        """Nothing to keep."""

    def note(self, *records: Record) -> None:
        """Nothing to keep."""

    def keep(self, status: Status) -> None:
        """Nobody looks."""

    async def close(self, ending: Ending | None) -> None:
        """Nothing to close."""


def record_of(
    chunk: Chunk,
    life: Life,
    *,
    pack: str = "",
    unknown: Sequence[str] = (),
    began: float = 0.0,
    ended: float = 0.0,
    store_ids: bool = False,
) -> Record:
    """Return the record of a chunk."""
    return Record(
        path=chunk.path,
        parent=chunk.parent,
        start=chunk.start,
        stop=chunk.stop,
        recipients=chunk.count,
        invalid=chunk.invalid,
        duplicates=chunk.duplicates,
        digest=chunk.digest,
        transaction_id=chunk.transaction_id,
        content=chunk.message.content,
        pack=pack,
        life=life,
        unknown=len(unknown),
        began=began,
        ended=ended,
        ids=chunk.encoded if store_ids else b"",
        unknown_ids=tuple(unknown) if store_ids else (),
    )
