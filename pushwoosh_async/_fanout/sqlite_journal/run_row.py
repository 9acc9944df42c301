"""What a run is and how it ended, as the one row of the table `run`, and back. Pure."""

from typing import Any

from attrs import fields, frozen

from pushwoosh_async._fanout.journal import Ending, RunFacts
from pushwoosh_async._fanout.sqlite_journal.rows import DamagedError, Row, sealed, unsealed
from pushwoosh_async._fanout.sqlite_journal.schema import FORMAT
from pushwoosh_async._window import Stamp

_FACTS = tuple(each.name for each in fields(RunFacts) if each.name != "created")
_ENDING = tuple(each.name for each in fields(Ending))


@frozen(kw_only=True)
class RunRow:
    """The row of `run`.

    Attributes:
        facts: of the run.
        salvaged_to: see `Opened`.
        session: how often the journal was opened for writing.
        ending: of the latest session that ended.
    """

    facts: RunFacts
    salvaged_to: int = -1
    session: int = 1
    ending: Ending | None = None


def values_of(run: RunRow) -> Row:
    """Return the row, sealed, in the order of the table's columns."""
    facts = {name: getattr(run.facts, name) for name in _FACTS}
    created = run.facts.created
    ending = [None if run.ending is None else getattr(run.ending, name) for name in _ENDING]
    return sealed(
        FORMAT,
        *facts.values(),
        created.wall,
        created.boottime,
        created.boot_id,
        run.salvaged_to,
        run.session,
        *ending,
    )


def run_of(row: Row) -> RunRow:
    """Return what a row says.

    Raises:
        DamagedError: it is not the row that was written, or has another format.
    """
    found, *values = unsealed(row)
    if found != FORMAT:
        raise DamagedError
    facts = dict(zip(_FACTS, values, strict=False))
    wall, boottime, boot_id, salvaged_to, session, *ending = values[len(_FACTS) :]
    return RunRow(
        facts=_facts(facts, Stamp(wall, boottime, boot_id)),
        salvaged_to=salvaged_to,
        session=session,
        ending=None if ending[0] is None else _ending(dict(zip(_ENDING, ending, strict=True))),
    )


def _facts(values: dict[str, Any], created: Stamp) -> RunFacts:
    values["dedupe"] = bool(values["dedupe"])
    values["store_ids"] = bool(values["store_ids"])
    return RunFacts(**values, created=created)


def _ending(values: dict[str, Any]) -> Ending:
    values["complete"] = bool(values["complete"])
    values["input_complete"] = bool(values["input_complete"])
    return Ending(**values)
