"""``salvage`` and ``purge``: what is left of a damaged journal, and the end of one."""

import json
import os
import sys
from typing import Annotated

import typer

from pushwoosh_async import RunRecord, Salvage, purge_journal, salvage_journal
from pushwoosh_async.cli.complaints import BadInputError, complain, printable
from pushwoosh_async.cli.delivering import how_to_go_on
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.journals import begun_run, reading
from pushwoosh_async.cli.options import JsonOption
from pushwoosh_async.cli.run_options import JournalArgument
from pushwoosh_async.cli.words import count, moment


def salvage(
    journal: JournalArgument,
    into: Annotated[str, typer.Option(metavar="FILE", help="A new journal.", show_default=False)],
    as_json: JsonOption = False,
) -> int:
    """Save what can be read of a damaged journal into a new one, to resume from.

    It sends nothing. Of whom no record is left, everybody up to the last who may have been sent to counts
    as in doubt from then on.
    """
    _check_new(journal, into)
    with reading():
        saved = salvage_journal(journal, into)
    if as_json:
        typer.echo(json.dumps({**document(saved), "exit_code": 0, "error": None}))
    else:
        typer.echo(_summary(saved, into))
    return ExitCode.DONE


def _check_new(journal: str, into: str) -> None:
    """Refuse a place for the new journal at which something is."""
    if os.path.realpath(journal) == os.path.realpath(into):
        raise BadInputError("--into: must be another file than JOURNAL, which stays as it is")
    if os.path.lexists(into):
        raise BadInputError(f"--into {into!r}: there is such a file; name a new one")


def _summary(saved: Salvage, into: str) -> str:
    lost = "nobody can tell how many were lost" if saved.lost is None else f"{saved.lost:,} lost"
    lines = [f"{count(saved.kept, 'record')} saved, {lost}."]
    if not saved.bounded:
        lines.append(
            "How far the run had come cannot be told: all others count as in doubt when it is resumed."
        )
    return "\n".join([*lines, printable(how_to_go_on(into, moved=True))])


def purge(
    journal: JournalArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> int:
    """Delete a journal and the files beside it.

    Without it nobody can tell any more who got the message, and the same send would go to everybody again.
    """
    known = begun_run(journal)
    what = printable(journal if known is None else f"{journal}: {_described(known)}")
    if not yes:
        if not sys.stdin.isatty():
            raise BadInputError("--yes: give it where nobody can be asked")
        if not typer.confirm(f"Delete {what}?", err=True):
            complain("nothing was deleted")
            return ExitCode.CANCELLED
    with reading():
        purge_journal(journal)
    typer.echo(f"Deleted, with the files beside it: {what}")
    return ExitCode.DONE


def _described(run: RunRecord) -> str:
    who = count(run.report.total, "recipient")
    application = run.application or run.applications_group
    return f"a send of {application} to {who}, begun {moment(run.created)} UTC"
