"""What is left of a run that was begun before? The source is cut again and held against the journal,
chunk by chunk up to the last intent; only then is anything sent.
"""  # noqa: D205 -- the rule belongs to the answer

import json
from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import UTC, datetime

from attrs import frozen

from pushwoosh_async._fanout.chunks import Chunk, successor
from pushwoosh_async._fanout.journal import Record, RunFacts, record_of
from pushwoosh_async._fanout.recut import Families, check_source, chunks_of, lost_life
from pushwoosh_async._fanout.state import SETTLED, Event, Life, State, advance, replay
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.errors import ConfigurationError, InputChangedError

_AT_ONCE = '"send_date":"now"'
_SHOWN = 200  # characters of a message in an error
# Seconds by which the last time zone is behind UTC: a date may be meant in the zone of each recipient.
_LAST_ZONE = 12 * 3600.0

# What makes a run the one it is. The token may change, and how fast it goes.
_SAME = (
    "base_url",
    "application",
    "applications_group",
    "kind",
    "chunk_size",
    "dedupe",
    "invalid",
    "store_ids",
)


def check_same(found: RunFacts, given: RunFacts) -> None:
    """Refuse to go on with another run than the one that was begun.

    Raises:
        InputChangedError: they differ; names the first field that does.
    """
    for name in _SAME:
        expected, now = getattr(found, name), getattr(given, name)
        if expected != now:
            raise InputChangedError(name, expected, now)
    if found.template_digest != given.template_digest:
        raise _changed_notification(found.notification, given.notification)
    if given.send_id is not None and given.send_id != found.send_id:
        raise InputChangedError("send_id", found.send_id, given.send_id)
    expected, now = _reading(found.source), _reading(given.source)
    if expected and now and expected != now:
        raise InputChangedError("how the recipients are read", expected, now)
    check_source(found, given.fingerprint, given.total)


def _changed_notification(expected: str, found: str) -> InputChangedError:
    """Name the fields that differ, and what they are; cut, since a message may be long."""
    then, now = json.loads(expected), json.loads(found)
    fields = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return InputChangedError(
        f"what is sent ({', '.join(fields)})",
        json.dumps({name: then.get(name) for name in fields}, ensure_ascii=False)[:_SHOWN],
        json.dumps({name: now.get(name) for name in fields}, ensure_ascii=False)[:_SHOWN],
    )


def _reading(recipe: str) -> dict[str, object]:
    """Return which column or field of a file is read, and how: a file may move, its column may not."""
    try:
        read = json.loads(recipe)
    except ValueError:
        return {}  # another source's own words
    return (
        {name: each for name, each in read.items() if name != "path"}
        if isinstance(read, dict)
        else {}
    )


def check_date(notification: str, now: float) -> None:
    """Refuse to send late what was meant for another day.

    Args:
        notification: as JSON.
        now: wall clock.

    Raises:
        ConfigurationError: the notification's date has passed, wherever it was meant.
    """
    if _AT_ONCE in notification:
        return
    fields = json.loads(notification)
    date = fields.get("send_date", "now")
    if date == "now":
        return
    zone = (
        0.0
        if fields.get("ignore_user_timezone") is True and "timezone" not in fields
        else _LAST_ZONE
    )
    try:
        meant = datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return  # what this library did not write; the API will judge it
    if now > meant + zone:
        raise ConfigurationError(
            f"notification: its send_date, {date}, has passed: what is left of this run would be sent late"
        )


@frozen(kw_only=True)
class Again:
    """Which settled chunks shall be sent once more, under a fresh id.

    Attributes:
        rejected: those that were refused.
        doubts: those in doubt whose window has closed, each once: True for all, or by transactionId, which
            may ask for a second time.
    """

    rejected: bool = False
    doubts: bool | Collection[str] = False

    def wants(self, life: Life, transaction_id: str) -> bool:
        """Tell whether this chunk is one of them."""
        if life.state is State.REJECTED:
            return self.rejected
        if life.state is not State.EXPIRED:
            return False
        if isinstance(self.doubts, bool):
            return self.doubts and not life.inherited
        return transaction_id in self.doubts

    def check_known(self, transaction_ids: Collection[str]) -> None:
        """Refuse ids that the journal does not know: they are mistyped, or of another run.

        Raises:
            ConfigurationError: there are some.
        """
        if isinstance(self.doubts, bool):
            return
        unknown = set(self.doubts) - set(transaction_ids)
        if unknown:
            raise ConfigurationError(
                f"resend_in_doubt: the journal knows no chunk with the transactionId {min(unknown)!r}"
                + (f", nor {len(unknown) - 1} others that were given" if len(unknown) > 1 else "")
            )

    @property
    def anything(self) -> bool:
        """Whether anything at all is asked for."""
        return self.rejected or bool(self.doubts)


@frozen
class Work:
    """A chunk that is to be delivered, and how it stands.

    Attributes:
        chunk: what is to be sent.
        life: how it stands; fresh for a new one.
        lost: it may have been sent, but the record is gone: it is only to be written down as in doubt.
        pack: of a doubt, which other doubts it was sent with: the same text; empty if it went alone.
    """

    chunk: Chunk
    life: Life = Life()  # noqa: RUF009 -- frozen all the way down
    lost: bool = False
    pack: str = ""


class Comparison:
    """Holds the chunks of a source against a journal's records, in order, and keeps what is not settled.

    What is kept lies in memory: the chunks in flight when a process died, and those asked for again.

    Attributes:
        work: what is left to do of the chunks compared so far.
    """

    def __init__(
        self,
        pages: AsyncGenerator[Sequence[Record], None],
        *,
        identity: RunIdentity,
        again: Again,
        salvaged_to: int,
    ) -> None:
        self.work: list[Work] = []
        self._families = Families(pages, salvaged_to=salvaged_to)
        self._identity = identity
        self._again = again

    async def begin(self) -> bool:
        """Read the first record; tell whether there is anything to compare."""
        return await self._families.begin()

    @property
    def over(self) -> bool:
        """Whether every record was compared."""
        return self._families.over

    async def compare(self, chunk: Chunk) -> None:
        """Compare the next chunk of the source.

        Raises:
            InputChangedError: it is not the one that the journal knows.
            JournalError: the journal cannot be read on.
        """
        family = await self._families.of(chunk)
        if not family:
            lost = self._families.is_lost(chunk)
            self.work.append(Work(chunk, lost_life() if lost else Life(), lost))
        elif any(self._is_open(record) for record in family):
            self._keep_open(chunk, family)

    def finish(self) -> None:
        """The source has ended.

        Raises:
            InputChangedError: the journal knows of more.
        """
        self._families.finish()

    async def aclose(self) -> None:
        """Stop reading."""
        await self._families.aclose()

    def _is_open(self, record: Record) -> bool:
        life = replay(record.life)
        if life.state in SETTLED:
            return self._again.wants(life, record.transaction_id)
        return life.state in {State.PLANNED, State.IN_DOUBT}

    def _keep_open(self, root: Chunk, family: Sequence[Record]) -> None:
        chunks = chunks_of(root, family, self._identity)
        self.work += [
            Work(chunks[record.path], replay(record.life), pack=record.pack)
            for record in family
            if self._is_open(record)
        ]


def supersede(
    chunk: Chunk, life: Life, identity: RunIdentity, *, store_ids: bool
) -> tuple[Work, tuple[Record, Record]]:
    """Put another chunk with the same ids in the place of a settled one.

    Returns:
        the work, and the two records that make it so: to be written in one transaction.
    """
    instead = successor(chunk, identity)
    doubtful = life.in_doubt or life.inherited
    fresh = Life(inherited=doubtful, reason=life.reason if doubtful else "")
    old = advance(life, Event.SUPERSEDED, reason=life.reason)
    return Work(instead, fresh), (
        record_of(chunk, old, store_ids=store_ids),
        record_of(instead, fresh, store_ids=store_ids),
    )
