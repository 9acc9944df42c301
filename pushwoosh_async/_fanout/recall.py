"""How is a scheduled run taken back? Each message is cancelled, and what became of it written down."""

import json
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from math import inf
from typing import Literal, TypeAlias, get_args

import anyio
from anyio.abc import TaskGroup
from attrs import define, field, frozen

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.cancelling import Cancel, Canceller, Details
from pushwoosh_async._fanout.journal import Record, RunFacts
from pushwoosh_async._fanout.options import check_count
from pushwoosh_async._fanout.plan_each import RECIPIENTS
from pushwoosh_async._fanout.state import REPLACED, State, replay
from pushwoosh_async.errors import ConfigurationError

RecallResult: TypeAlias = Literal["cancelled", "too_late", "unknown", "no_code", "in_doubt"]
Note: TypeAlias = Callable[[str, RecallResult, float], None]

# Seconds. Local times run from UTC+14, where a date comes first, to UTC-12.
_FIRST_ZONE, _LAST_ZONE = 14 * 3600.0, 12 * 3600.0


@frozen(kw_only=True)
class RecallEntry:
    """One chunk that was not, or not certainly, taken back.

    Attributes:
        result: ``"too_late"``, ``"unknown"``, ``"no_code"`` or ``"in_doubt"``; see `RecallReport`.
        path: its name in the run, such as ``"17"``.
        recipients: how many ids it has.
        start: input position of its first id, from 0.
        stop: input position after its last.
        transaction_id: under which it was sent.
        message_code: as the API named it; None where it named none.
        reason: why it was not taken back, for people.
    """

    result: RecallResult
    path: str
    recipients: int
    start: int
    stop: int
    transaction_id: str
    message_code: str | None
    reason: str


@frozen(kw_only=True)
class RecallReport:
    """What became of a scheduled run's messages, in recipients where nothing else is said.

    Attributes:
        cancelled: of messages that were cancelled, now or by an earlier recall. Of a run at each
            device's local time some may have got it before, where that time had come.
        too_late: of messages that had gone out, or were going out.
        unknown: of messages that the API does not know, or of which it gave no clear answer; the
            entry's `reason` says which. They may still go out. A recall can be repeated.
        no_code: of messages that were accepted without a message code, as to fewer than ten devices.
            They cannot be cancelled.
        in_doubt: of chunks that may have been scheduled, and have no code to cancel them by. So are
            those that were sent again in the place of such a chunk, even if that was cancelled.
            `ReconcileReport` lists messages of the history that could be theirs.
        chunks: how many chunks each of the five counts stands for, by its name.
        entries: each chunk that is not in `cancelled`, in the order of the input.
    """

    cancelled: int
    too_late: int
    unknown: int
    no_code: int
    in_doubt: int
    chunks: Mapping[RecallResult, int]
    entries: tuple[RecallEntry, ...] = field(repr=lambda entries: f"<{len(entries)} entries>")

    @property
    def total(self) -> int:
        """All whom the run has reached or may reach: the sum of the five counts."""
        return self.cancelled + self.too_late + self.unknown + self.no_code + self.in_doubt


def recalled_of(records: Iterable[Record], cancelled: Collection[str]) -> int:
    """Return how many recipients were taken back, as `RecallReport.cancelled` counts them.

    Args:
        records: of the run; not read if nothing was cancelled.
        cancelled: paths of chunks whose message a recall noted as cancelled.
    """
    if not cancelled:
        return 0
    return sum(
        record.recipients
        for record in records
        if record.path in cancelled
        and record.life.state is State.ACCEPTED
        and not record.life.inherited
    )


async def recall(
    facts: RunFacts,
    records: AsyncGenerator[Sequence[Record], None],
    *,
    cancelled: Collection[str],
    cancel: Cancel,
    details: Details,
    note: Note,
    clock: Clock,
    concurrency: int,
) -> RecallReport:
    """Cancel every accepted message of a scheduled run; see `Canceller` for how.

    Where each message is another, some may have a date to come: all are asked about, and each tells how
    it stands.

    Args:
        facts: of the run.
        records: of the run, in pages; closed at the end.
        cancelled: paths of chunks that an earlier recall noted as cancelled. They are not asked about.
        cancel: cancelMessage.
        details: getMessageDetails.
        note: told the path, the result (never ``"in_doubt"``) and the wall clock, as soon as it is known.
        clock: the time.
        concurrency: messages asked about at once, 1 to 10,000.

    Raises:
        ConfigurationError: the run was sent at once, so that there is nothing to recall.
        PushwooshError: what every message would meet: the token was refused (AuthenticationError), the
            client has none, a redirect, a connection that cannot be trusted. Nothing further is asked;
            what was under way is noted, so that another recall goes on from there.
        Exception: what `records`, `note` or a hook raised, likewise.
    """
    check_count("concurrency", concurrency, 1, 10_000)
    canceller = Canceller(cancel, details, clock, _first_due(facts))
    return await _Recall(canceller, note, clock, cancelled, concurrency).run(records)


def _first_due(facts: RunFacts) -> float:
    """Return the wall clock before which no message of the run is known to go out.

    Raises:
        ConfigurationError: they all went out at once.
    """
    if facts.kind == RECIPIENTS:
        return -inf  # each has its own date, which is not in the journal: its status tells
    template = json.loads(facts.notification)
    text = template.get("send_date", "now")
    if text != "now":
        first = last = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
        if template.get("ignore_user_timezone") is not True or template.get("timezone") is not None:
            # Whatever the zone: too early a date costs requests, too late a one would cost the truth.
            first, last = first - _FIRST_ZONE, last + _LAST_ZONE
        if last > facts.created.wall:
            return first
    raise ConfigurationError(
        "journal: must be of a run with a send_date to come; this one was sent at once, so that there "
        "is nothing to recall"
    )


@define(eq=False)
class _Recall:
    """So many messages at once, and the books of what became of each."""

    _canceller: Canceller
    _note: Note
    _clock: Clock
    _cancelled: Collection[str]
    _concurrency: int
    _recipients: dict[RecallResult, int] = field(init=False)
    _chunks: dict[RecallResult, int] = field(init=False)
    _entries: list[RecallEntry] = field(init=False, factory=list)
    _error: Exception | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self._recipients = dict.fromkeys(get_args(RecallResult), 0)
        self._chunks = dict.fromkeys(get_args(RecallResult), 0)

    async def run(self, records: AsyncGenerator[Sequence[Record], None]) -> RecallReport:
        """Take back what can be taken back."""
        turns = anyio.Semaphore(self._concurrency)
        async with anyio.create_task_group() as group:
            try:
                async with aclosing(records) as pages:
                    async for page in pages:
                        for record in page:
                            await self._enter(record, turns, group)
                        if self._error is not None:
                            break
            except Exception as error:  # noqa: BLE001 -- kept, as the group would wrap it
                self._fail(error)
        if self._error is not None:
            counts = ", ".join(f"{count} {name}" for name, count in self._chunks.items())
            self._error.add_note(f"The recall was ended by this. Chunks until then: {counts}.")
            raise self._error
        return self._report()

    async def _enter(self, record: Record, turns: anyio.Semaphore, group: TaskGroup) -> None:
        life = replay(record.life)
        code = life.message_code
        if life.state in REPLACED:
            return
        if life.label == "in_doubt":
            self._book(record, "in_doubt", life.reason)
        elif life.label != "accepted":
            return
        elif record.path in self._cancelled:
            self._book(record, "cancelled", "")
        elif code is None or not code.strip():
            self._settle(record, "no_code", "the API gave this message no code")
        else:
            await turns.acquire()
            group.start_soon(self._take_back, record, code, turns)

    async def _take_back(self, record: Record, code: str, turns: anyio.Semaphore) -> None:
        try:
            if self._error is None:
                self._settle(record, *await self._canceller.fate(code))
        except Exception as error:  # noqa: BLE001 -- a hook may raise anything
            self._fail(error)
        finally:
            turns.release()

    def _fail(self, error: Exception) -> None:
        """Begin nothing new. What is under way goes on, as its answers are facts."""
        if self._error is None:
            self._error = error

    def _settle(self, record: Record, result: RecallResult, reason: str) -> None:
        self._note(record.path, result, self._clock.stamp().wall)
        self._book(record, result, reason)

    def _book(self, record: Record, result: RecallResult, reason: str) -> None:
        if result == "cancelled" and record.life.inherited:
            result, reason = "in_doubt", "cancelled; but what it stands for may have been scheduled"
        self._recipients[result] += record.recipients
        self._chunks[result] += 1
        if result != "cancelled":
            self._entries.append(_entry(record, result, reason))

    def _report(self) -> RecallReport:
        counts = self._recipients
        return RecallReport(
            cancelled=counts["cancelled"],
            too_late=counts["too_late"],
            unknown=counts["unknown"],
            no_code=counts["no_code"],
            in_doubt=counts["in_doubt"],
            chunks=self._chunks,
            entries=tuple(sorted(self._entries, key=lambda entry: (entry.start, entry.path))),
        )


def _entry(record: Record, result: RecallResult, reason: str) -> RecallEntry:
    return RecallEntry(
        result=result,
        path=record.path,
        recipients=record.recipients,
        start=record.start,
        stop=record.stop,
        transaction_id=record.transaction_id,
        message_code=record.life.message_code,
        reason=reason,
    )
