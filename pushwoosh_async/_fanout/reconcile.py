"""Which messages of the history could be those of a run's chunks in doubt? Listed for a person to judge.

Nothing is concluded here. That a message is listed does not say that it is the chunk's: all chunks of a
run look the same in the history. That none is listed does not say that none was sent: the history leaves
messages out, and shows others in a way that is not recognised.
"""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from math import inf
from typing import Protocol

from attrs import evolve, frozen

from pushwoosh_async._fanout.journal import Ending, Record, RunFacts
from pushwoosh_async._fanout.options import check_count
from pushwoosh_async._fanout.plan import MIN_WITH_CODE
from pushwoosh_async._fanout.plan_each import RECIPIENTS
from pushwoosh_async._fanout.recut import LostRecords
from pushwoosh_async._fanout.state import State, replay
from pushwoosh_async.errors import UnexpectedResponseError
from pushwoosh_async.models.push_history import PushHistoryRow, SearchBy

# Seconds before a chunk's first attempt, and after its window, in which a row is still listed: for
# clocks that lie apart.
_MARGIN = 300.0
# The vendor names no zone for the history's dates; seconds that any zone may be behind or ahead of UTC.
_ANY_ZONE = (-12 * 3600.0, 14 * 3600.0)

_FEW = "the history may leave out what goes to fewer than ten devices"
_GROUP = "nothing was looked for: the history cannot be searched for a group of applications"
_CUT_OFF = "the history was not read to its end"
_NO_ZONE = (
    "the history's dates may be up to 14 hours off, as none of the run's own messages was found"
)
_ANY_TEXT = (
    "each message of the run is another, and their contents are not in the journal: listed is what could "
    "be it by its time alone"
)
_NO_TIME = "when it was tried is not known: listed is what could be it of all that was created"


class History(Protocol):
    """getPushHistory, as far as it is needed here."""

    def __call__(
        self, *, search_by: SearchBy, value: str
    ) -> AsyncGenerator[PushHistoryRow, None]: ...


@frozen(kw_only=True)
class Evidence:
    """A chunk in doubt, and the messages of the history that could be it. Not a verdict.

    Attributes:
        path: the chunk's name in the run, such as ``"17"``.
        recipients: how many ids it has.
        start: input position of its first id, from 0; a guess where its record was lost.
        stop: input position after its last; likewise.
        transaction_id: under which it was sent; the history does not show it. Empty where its record was
            lost with a damaged journal, and no resume has read the source since.
        began: wall clock at the first of its attempts that may have been processed, in seconds since
            the epoch. None where it was lost with a damaged journal; the note says then what was looked
            through instead.
        reason: why it is in doubt.
        candidates: what agrees with it in application, campaign, content and time, newest first. The
            same message may be listed beside several chunks, and belong to one of them, or to none.
        note: what the list cannot show in this case; empty where there is nothing particular.
    """

    path: str
    recipients: int
    start: int
    stop: int
    transaction_id: str
    began: float | None
    reason: str
    candidates: tuple[PushHistoryRow, ...]
    note: str


@frozen(kw_only=True)
class ReconcileReport:
    """What the account's history shows that could be a run's chunks in doubt.

    Attributes:
        evidence: each chunk of which a message may have been sent that nobody has confirmed, in the
            order of the input. One that was sent anew in another's place is listed beside it. So are
            chunks whose records were lost with a damaged journal, as far as the run's report counts them.
        rows: how many messages of the history were looked at.
        cut_off: why the history was not read as far back as the run; empty if it was.
    """

    evidence: tuple[Evidence, ...]
    rows: int
    cut_off: str


async def reconcile(
    facts: RunFacts,
    records: AsyncGenerator[Sequence[Record], None],
    *,
    ending: Ending | None,
    salvaged_to: int,
    now: float,
    history: History,
    max_rows: int,
) -> ReconcileReport:
    """Look through the application's history for messages that could be chunks in doubt.

    Listed is what has the notification's campaign and content, where it has them, and was created
    between the chunk's first attempt and the end of its window, five minutes more on either side. Where
    that time was lost with a damaged journal, the run's own stands for it: from its beginning to the last
    that is known of it, and a window more. The zone of the history's dates, which the vendor does not
    name, is read off the run's own accepted messages; where none of them is found every zone is taken to
    be possible. A message whose code the API gave to another chunk of the run is not listed.

    What cannot be seen: messages to fewer than ten devices are missing from the history [ES:512-520],
    and it goes back about a year [D-hist]. A group of applications cannot be searched for [ES:956]:
    nothing is read then, and every note says so.

    Args:
        facts: of the run.
        records: of the run, in pages and in the order of the input; closed at the end.
        ending: how its latest session ended.
        salvaged_to: see `Opened`.
        now: wall clock: where the run is taken to end of which no time is known but its beginning.
        history: getPushHistory; asked once, and not at all if nothing is in doubt.
        max_rows: messages of the history looked at, at most; 1 to 1,000,000.

    Raises:
        PushwooshError: the history could not be read.
    """
    check_count("max_rows", max_rows, 1, 1_000_000)
    search = _Search(facts, ending, now)
    lost = LostRecords(facts, ending, salvaged_to)
    async with aclosing(records) as pages:
        async for page in pages:
            for record in page:
                search.enter(*lost.before(record), record)
    search.enter(*lost.behind())
    if search.doubts and facts.application is not None:
        async with aclosing(history(search_by="applicationCode", value=facts.application)) as rows:
            await search.read(rows, max_rows)
    return search.report()


class _Search:
    """What to look for, and what was found.

    Attributes:
        doubts: the chunks to look for.
    """

    def __init__(self, facts: RunFacts, ending: Ending | None, now: float) -> None:
        template = json.loads(facts.notification)
        self._campaign = template.get("campaign")
        self._texts = _texts(template.get("content"))
        self._window = facts.window
        self._in_group = facts.application is None
        self._of_each = facts.kind == RECIPIENTS
        self._created = facts.created.wall
        self._now = now
        # The last instant at which the run is known to have been at work; 0 for none.
        self._latest = 0.0 if ending is None else ending.ended
        self.doubts: list[Record] = []
        # Of accepted chunks, by message code: between which two instants they were created.
        self._own: dict[str, tuple[float, float]] = {}
        self._alike: list[PushHistoryRow] = []
        # Those of them that were created between two instants: the same for all chunks of unknown time.
        self._between: dict[tuple[float, float], tuple[PushHistoryRow, ...]] = {}
        # By how many seconds the history's dates are ahead of UTC, at least and at most.
        self._zone: tuple[float, float] | None = None
        self._rows = 0
        self._cut_off = ""

    def enter(self, *records: Record) -> None:
        """Take in what the run knows of chunks."""
        for record in records:
            life = replay(record.life)
            began = _began(record) or 0.0
            self._latest = max(self._latest, began, record.began, record.ended)
            if life.state is State.ACCEPTED:
                if life.message_code:
                    self._own[life.message_code] = began, max(began, record.ended)
            elif life.in_doubt:
                self.doubts.append(evolve(record, life=life))

    async def read(self, rows: AsyncGenerator[PushHistoryRow, None], max_rows: int) -> None:
        """Read the history, newest first, until it is older than every doubt."""
        oldest = min(self._span(record)[0] for record in self.doubts)
        newer = 0
        try:
            async for row in rows:
                # The order is no promise: where it rises, the history is read to its end.
                if row.id < newer and _latest(row) < oldest:
                    return
                if self._rows == max_rows:
                    self._cut_off = f"{max_rows} messages were looked at, and there are more"
                    return
                newer = row.id
                self._rows += 1
                self._sort(row)
        except UnexpectedResponseError as error:  # what came before it still counts
            self._cut_off = str(error)

    def _sort(self, row: PushHistoryRow) -> None:
        if row.code in self._own:
            self._learn_zone(row, *self._own[row.code])
        elif self._is_alike(row):
            self._alike.append(row)

    def _learn_zone(self, row: PushHistoryRow, after: float, before: float) -> None:
        if row.create_date is not None:
            date = _read_as_utc(row.create_date)
            low, high = self._zone or (inf, -inf)
            self._zone = min(low, date - before), max(high, date - after)

    def _is_alike(self, row: PushHistoryRow) -> bool:
        if self._campaign is not None and row.campaign_id != self._campaign:
            return False
        shown = _texts(row.content)
        # Not equal: the history may know fewer languages, or name them otherwise.
        return not self._texts or (bool(shown) and shown <= self._texts)

    def report(self) -> ReconcileReport:
        """Return each doubt with what was found."""
        doubts = sorted(self.doubts, key=lambda record: (record.start, record.path))
        return ReconcileReport(
            evidence=tuple(map(self._evidence, doubts)), rows=self._rows, cut_off=self._cut_off
        )

    def _evidence(self, record: Record) -> Evidence:
        span = self._span(record)
        if span not in self._between:
            self._between[span] = tuple(row for row in self._alike if self._may_be_of(row, *span))
        candidates = self._between[span]
        return Evidence(
            path=record.path,
            recipients=record.recipients,
            start=record.start,
            stop=record.stop,
            transaction_id=record.transaction_id,
            began=_began(record),
            reason=record.life.reason,
            candidates=candidates,
            note="; ".join(self._notes(record, candidates)),
        )

    def _span(self, record: Record) -> tuple[float, float]:
        """Return between which two instants a chunk's message was created."""
        began = _began(record)
        if began is not None:
            return began - _MARGIN, began + self._window + _MARGIN
        end = self._latest + self._window if self._latest else self._now
        return self._created - _MARGIN, end + _MARGIN

    def _may_be_of(self, row: PushHistoryRow, after: float, before: float) -> bool:
        if row.create_date is None:
            return True
        date = _read_as_utc(row.create_date)
        low, high = self._zone or _ANY_ZONE
        return date - low >= after and date - high <= before

    def _notes(self, record: Record, candidates: Sequence[PushHistoryRow]) -> Iterator[str]:
        if self._in_group:
            yield _GROUP
            return
        if _began(record) is None:
            after, before = map(_moment, self._span(record))
            yield f"{_NO_TIME} from {after} to {before} UTC"
        if record.recipients < MIN_WITH_CODE:
            yield _FEW
        if self._of_each:
            yield _ANY_TEXT
        if self._cut_off:
            yield _CUT_OFF
        if candidates and self._zone is None:
            yield _NO_ZONE


def _began(record: Record) -> float | None:
    t0 = record.life.exposure.t0
    return (record.began or None) if t0 is None else t0.wall


def _moment(wall: float) -> str:
    return f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d %H:%M:%S}"


def _read_as_utc(date: datetime) -> float:
    return date.replace(tzinfo=UTC).timestamp()


def _latest(row: PushHistoryRow) -> float:
    """Return the latest instant at which a row may have been created."""
    return inf if row.create_date is None else _read_as_utc(row.create_date) - _ANY_ZONE[0]


def _texts(content: object) -> frozenset[str]:
    """Return the texts of a message, whatever their languages."""
    texts = content.values() if isinstance(content, Mapping) else [content]
    return frozenset(text.strip() for text in texts if isinstance(text, str))
