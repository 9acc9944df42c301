"""What is written as rows and read back, and the seal that tells a damaged one. Pure."""

import json
import re
import struct
import zlib
from collections.abc import Sequence
from typing import Any, TypeAlias

from attrs import frozen

from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.state import Life, State
from pushwoosh_async._fanout.timeline import Slice
from pushwoosh_async._window import Exposure, Stamp

# As sqlite3 gives and takes them; the last value is the seal over the others.
Row: TypeAlias = tuple[Any, ...]

_NUMBERS = 14  # columns of `chunk` that are numbers: they come first
_pack = struct.Struct(f"<{_NUMBERS}d").pack
_STEP = re.compile(r"([.#])(\d+)")


class DamagedError(Exception):
    """A row is not what was written. Whoever knows the file says so in its words."""


# What may come of reading a damaged file, beside what SQLite itself finds: too many rows or too few,
# a number where a text was, bytes that are no text.
DAMAGE = (DamagedError, TypeError, ValueError)


@frozen
class Recall:
    """What became of cancelling one accepted message.

    Attributes:
        path: of its chunk.
        result: in the words of whoever recalls.
        at: wall clock, in seconds since the epoch.
    """

    path: str
    result: str
    at: float


def _seal(numbers: bytes, texts: Sequence[str | None]) -> int:
    joined = "\0".join(["\1" if text is None else text for text in texts])
    return zlib.crc32(joined.encode(), zlib.crc32(numbers))


def sealed(*values: float | str | None) -> Row:
    """Return a row of any table but `chunk`: the values, and the checksum over them."""
    return (*values, _seal_of(values))


def unsealed(row: Row) -> Row:
    """Return the values of such a row.

    Raises:
        DamagedError: they are not those that were sealed.
    """
    *values, found = row
    try:
        fits = _seal_of(values) == found
    except (TypeError, OverflowError):
        fits = False
    if not fits:
        raise DamagedError
    return tuple(values)


def _seal_of(values: Sequence[float | str | None]) -> int:
    numbers = [value for value in values if isinstance(value, (int, float))]
    texts = [value for value in values if not isinstance(value, (int, float))]
    return _seal(struct.pack(f"<{len(numbers)}d", *numbers), texts)


def row_of(record: Record) -> Row:
    """Return the row of a record in `chunk`."""
    try:
        return _row_of(record, record.life.reason, record.life.message_code)
    except UnicodeEncodeError:  # half a surrogate pair in a server's text must not end a run
        code = record.life.message_code
        return _row_of(record, _encodable(record.life.reason), code and _encodable(code))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _row_of(record: Record, reason: str, code: str | None) -> Row:
    life = record.life
    t0 = life.exposure.t0
    numbers = (
        record.root,
        record.start,
        record.stop,
        record.recipients,
        record.invalid,
        record.duplicates,
        life.attempts,
        record.unknown,
        life.exposure.in_doubt,
        life.inherited,
        0.0 if t0 is None else t0.wall,
        0.0 if t0 is None else t0.boottime,
        record.began,
        record.ended,
    )
    texts = (
        record.path,
        record.parent,
        record.digest.hex(),
        record.transaction_id,
        record.content,
        record.pack,
        life.state.value,
        reason,
        code,
        None if t0 is None else t0.boot_id,
    )
    return (*numbers, *texts, _seal(_pack(*numbers), texts))


def record_of(row: Row) -> Record:
    """Return the record of a row of `chunk`, without ids.

    Raises:
        DamagedError: it is not the row that was written.
    """
    try:
        fits = _seal(_pack(*row[:_NUMBERS]), row[_NUMBERS:-1]) == row[-1]
    except (TypeError, struct.error):
        fits = False
    if not fits:
        raise DamagedError
    _, start, stop, recipients, invalid, duplicates, attempts, unknown, *rest = row[:-1]
    doubted, inherited, wall, boottime, began, ended, path, parent, digest, *texts = rest
    transaction_id, content, pack, state, reason, code, boot_id = texts
    t0 = None if boot_id is None else Stamp(wall, boottime, boot_id)
    return Record(
        path=path,
        parent=parent,
        start=start,
        stop=stop,
        recipients=recipients,
        invalid=invalid,
        duplicates=duplicates,
        digest=bytes.fromhex(digest),
        transaction_id=transaction_id,
        content=content,
        pack=pack,
        life=Life(
            state=State(state),
            exposure=Exposure(t0, in_doubt=bool(doubted)),
            attempts=attempts,
            message_code=code,
            reason=reason,
            inherited=bool(inherited),
        ),
        unknown=unknown,
        began=began,
        ended=ended,
    )


def recipients_row(record: Record) -> Row:
    """Return the row of a record in `recipients`."""
    path, unknown, seal = sealed(record.path, json.dumps(record.unknown_ids))
    return record.root, path, record.ids.decode(), unknown, seal


def slice_row(session: int, each: Slice) -> Row:
    """Return the row of a slice."""
    return sealed(
        session,
        each.start,
        each.requests,
        each.retries,
        each.limited,
        each.doubts,
        each.accepted,
        each.rejected,
        each.in_doubt,
        json.dumps({str(step): count for step, count in each.latencies.items()}),
    )


def slice_of(row: Row) -> Slice:
    """Return the slice of a row.

    Raises:
        DamagedError: it is not the row that was written.
    """
    _, start, requests, retries, limited, doubts, accepted, rejected, in_doubt, text = unsealed(row)
    return Slice(
        start=start,
        requests=requests,
        retries=retries,
        limited=limited,
        doubts=doubts,
        accepted=accepted,
        rejected=rejected,
        in_doubt=in_doubt,
        latencies={int(step): count for step, count in json.loads(text).items()},
    )


def recall_row(each: Recall) -> Row:
    """Return the row of a recall."""
    return sealed(each.path, each.result, each.at)


def recall_of(row: Row) -> Recall:
    """Return the recall of a row.

    Raises:
        DamagedError: it is not the row that was written.
    """
    return Recall(*unsealed(row))


def place_in_family(path: str) -> tuple[tuple[bool, int], ...]:
    """Return what sorts the descendants of one chunk: a parent first, halves before later ones."""
    return tuple((mark == "#", int(number)) for mark, number in _STEP.findall(path))
