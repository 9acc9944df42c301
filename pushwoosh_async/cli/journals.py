"""What does a journal tell the commands that are given one, and what do they need of it?"""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pushwoosh_async import (
    JournalError,
    JournalLockedError,
    PushwooshError,
    RunRecord,
    read_journal,
)
from pushwoosh_async.cli.complaints import PROGRAM, RefusedError, refusal_of
from pushwoosh_async.cli.exit_codes import ExitCode

# As the commands name the arguments of the library's functions, for errors.
_NAMES = {"journal": "JOURNAL", "path": "JOURNAL", "into": "--into", "store_ids": "--store-ids"}


@contextmanager
def reading() -> Iterator[None]:
    """Turn what a journal does not allow into the end of the command; all else passes through.

    Raises:
        RefusedError: it cannot be used, or somebody else uses it, or it is of other ids.
    """
    try:
        yield
    except PushwooshError as error:
        refusal = refusal_of(error, _NAMES)
    else:
        return
    raise refusal


def run_of(journal: str) -> RunRecord:
    """Return what a journal knows of its run.

    Raises:
        RefusedError: it cannot be used, or somebody else uses it.
    """
    try:
        with reading():
            return read_journal(journal)
    except RefusedError as error:
        refusal = error
    if refusal.code is ExitCode.LOCKED:
        see = f"{PROGRAM} status {shlex.quote(journal)}"
        refusal = RefusedError(f"{refusal}; {see} says how far it is", code=refusal.code)
    raise refusal


def begun_run(journal: str) -> RunRecord | None:
    """Return what a journal knows of its run; None where none has begun in it yet.

    A journal that cannot be used is left to the run to refuse: so nothing is decided twice.

    Raises:
        RefusedError: somebody else uses it.
    """
    with reading():
        if not Path(journal).exists():
            return None
        try:
            return read_journal(journal)
        except JournalLockedError:
            raise
        except JournalError:
            return None


def access_of(run: RunRecord) -> dict[str, str]:
    """Return the arguments of a client that reaches the run's application where the run did."""
    assert run.application is not None  # noqa: S101 -- for the type checker: a group lists no ids
    return {"application": run.application, "base_url": run.base_url}
