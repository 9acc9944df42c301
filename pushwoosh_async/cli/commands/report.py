"""``pushwoosh-async report``: what became of everybody, from a journal."""

import json
from typing import Annotated

import typer

from pushwoosh_async.cli.complaints import BadInputError, printable
from pushwoosh_async.cli.delivering import how_to_go_on
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.html.page import render
from pushwoosh_async.cli.journals import run_of
from pushwoosh_async.cli.options import JsonOption
from pushwoosh_async.cli.output_file import written
from pushwoosh_async.cli.picturing import picture_of
from pushwoosh_async.cli.recipients import is_of_each
from pushwoosh_async.cli.report_text import TAKEN_BACK, as_document, as_text, may_settle
from pushwoosh_async.cli.run_options import ForceOption, JournalArgument


def report(
    journal: JournalArgument,
    html: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write a page for a browser, with the run's course, to a new file of mode 0600.",
        ),
    ] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> int:
    """Tell what became of everybody in a send. The page names no recipient, and loads nothing.

    A run that was killed stands as a resume would find it.
    """
    if force and html is None:
        raise BadInputError("--force: give it with --html")
    run = run_of(journal)
    if html is not None:
        with written("--html", html, force=force) as file:
            file.write(render(picture_of(run, journal)))
        typer.echo(printable(f"{html}: written, a page for a browser"), err=True)
    if as_json:
        document = as_document(run.report, exit_code=ExitCode.DONE, error=None)
        of_run = {"recalled": run.recalled, "run_id": run.run_id, "finished": run.finished}
        typer.echo(json.dumps({**document, **of_run}))
        return ExitCode.DONE
    shown = as_text(
        run.report, recalled=run.recalled, settles=may_settle(run), of_each=is_of_each(run)
    )
    typer.echo(shown)
    if not run.finished:
        typer.echo(f"\n{TAKEN_BACK if run.recalled else printable(how_to_go_on(journal))}")
    return ExitCode.DONE
