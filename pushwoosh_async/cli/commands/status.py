"""``pushwoosh-async status``: how far a send is, while it goes on or afterwards."""

import json
import time
from contextlib import suppress
from typing import Annotated

import typer
from attrs import evolve

from pushwoosh_async import JournalLockedError, RunStatus, read_status
from pushwoosh_async.cli.complaints import RefusedError, printable
from pushwoosh_async.cli.delivering import how_to_go_on
from pushwoosh_async.cli.display import Display, display
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.journals import reading, run_of
from pushwoosh_async.cli.options import JsonLinesOption
from pushwoosh_async.cli.report_text import in_order
from pushwoosh_async.cli.run_options import JournalArgument
from pushwoosh_async.cli.status_text import status_document, status_text
from pushwoosh_async.cli.words import duration

# A running send tells once a second how far it is.
_PAUSE = 1.0
# Older than this in seconds, what it told is no news of a run that goes on.
_SILENT = 10.0


def status(
    journal: JournalArgument,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look on until the run ends, or Ctrl-C.")
    ] = False,
    as_json: JsonLinesOption = False,
) -> int:
    """Tell how far a send is, also while it goes on in another process."""
    with reading():
        found = _last_of(journal, as_json=as_json) if watch else read_status(journal)
    if not found.running and not found.progress.accepted:
        found = _with_failure(found, journal)
    if as_json:
        typer.echo(json.dumps(status_document(found)))
        return ExitCode.DONE
    typer.echo(status_text(found))
    if not (found.running or found.finished or found.recalled):
        typer.echo(printable(how_to_go_on(journal)))
    return ExitCode.DONE


def _last_of(journal: str, *, as_json: bool) -> RunStatus:
    """Show a run until nobody is at it any more; return how it then is."""
    with display("sending", quiet=as_json, at_once=True) as shown:
        while True:
            found = _heard_of(journal)
            if found is not None and not found.running:
                return found
            if found is not None and as_json:
                typer.echo(json.dumps(status_document(found)))
            elif found is not None:
                _show(found, shown)
            time.sleep(_PAUSE)


def _with_failure(found: RunStatus, journal: str) -> RunStatus:
    """Add what failed last, in the order of the input, to how a run is that nobody is at."""
    with suppress(RefusedError):  # somebody has begun to use it
        report = run_of(journal).report
        failed = in_order((*report.in_doubt_chunks, *report.rejected_chunks))
        if failed:
            return evolve(found, progress=evolve(found.progress, last_failure=failed[-1].reason))
    return found


def _heard_of(journal: str) -> RunStatus | None:
    """Return how a run is; None where its process has not said anything yet."""
    try:
        return read_status(journal)
    except JournalLockedError:
        return None


def _show(found: RunStatus, shown: Display) -> None:
    if found.age < _SILENT:
        shown.show(found.progress, "")
    else:
        shown.tell(f"process {found.process} has said nothing for {duration(found.age)}")
