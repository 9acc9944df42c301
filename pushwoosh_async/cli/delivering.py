"""How does a send go, from the check of its ids to its report? The same for `send` and for `resume`."""

import json
import shlex

import anyio
import typer
from attrs import evolve

from pushwoosh_async import RateLimit
from pushwoosh_async.cli import dry_run as preview
from pushwoosh_async.cli.complaints import (
    PROGRAM,
    RefusedError,
    complain,
    in_options,
    naming,
    printable,
    words_of,
)
from pushwoosh_async.cli.display import display
from pushwoosh_async.cli.exit_codes import ExitCode, code_of
from pushwoosh_async.cli.rehearsal import rehearse
from pushwoosh_async.cli.report_text import as_document, as_text, why_ended
from pushwoosh_async.cli.sending import Sending
from pushwoosh_async.cli.watching import Ending, Retrying, watch
from pushwoosh_async.cli.words import sentence

# Where nothing was asked of the API either, no more is known of the run than its journal says.
_UNTOLD = {ExitCode.BAD_INPUT, ExitCode.LOCKED, ExitCode.CHANGED, ExitCode.JOURNAL}
_GOES_ON = {ExitCode.FAILED, ExitCode.STOPPED, ExitCode.CANCELLED}


def deliver(sending: Sending, *, as_json: bool, quiet: bool) -> ExitCode:
    """Send, and tell the report.

    Raises:
        BadInputError: something is wrong with the ids or the options; nothing was sent.
        RefusedError: the journal does not allow it; nothing was sent.
    """
    retrying = Retrying()
    sending = sending.with_changes(client={"hooks": retrying}, run={})
    ending = anyio.run(_deliver, sending, retrying, quiet)
    if ending is None:
        return _cancelled()
    code = code_of(ending.report, ending.error, cancelled=ending.cancelled, begun=retrying.begun)
    error = None if ending.error is None else words_of(ending.error, sending.names)
    if error is not None and code in _UNTOLD and not retrying.begun:
        raise RefusedError(error, code=code)
    _conclude(sending, ending, code, error, as_json=as_json)
    return code


def show_preview(sending: Sending, *, as_json: bool, quiet: bool) -> ExitCode:
    """Check everything, send nothing, and tell what would be sent.

    Raises:
        BadInputError: something is wrong with the ids or the options.
    """
    return anyio.run(_show_preview, sending, as_json, quiet)


async def _deliver(sending: Sending, retrying: Retrying, quiet: bool) -> Ending | None:
    with naming(sending.names):
        client = sending.open_client()
    async with client:
        # What can be read only once is sent to as it comes.
        if sending.total is None and sending.repeatable:
            checked, _ = await _rehearse(sending, quiet=quiet)
            if checked.cancelled:
                return None
            sending = sending.counted(checked.report.total)
        with naming(sending.names):
            run = sending.fan_out(client)
        with display("sending", quiet=quiet) as shown:
            return await watch(run, shown, retrying)


async def _show_preview(sending: Sending, as_json: bool, quiet: bool) -> ExitCode:
    with naming(sending.names):
        client = sending.open_client()
    async with client:
        ending, largest = await _rehearse(sending, quiet=quiet)
    if ending.cancelled:
        return _cancelled()
    found = preview.Preview(
        notification={"send_date": "now", **sending.notification.to_wire()},
        kind=sending.kind,
        report=ending.report,
        largest=largest,
        limit=sending.client.get("rate_limit", RateLimit()),
    )
    if as_json:
        typer.echo(json.dumps(found.as_document()))
        return ExitCode.DONE
    typer.echo("Nothing was sent. This would be:\n")
    text = json.dumps(found.notification, indent=2, ensure_ascii=False)
    typer.echo("\n".join(map(printable, text.splitlines())))
    typer.echo(f"\n{found.as_table()}")
    return ExitCode.DONE


async def _rehearse(sending: Sending, *, quiet: bool) -> tuple[Ending, int]:
    with display("checking", quiet=quiet) as shown:
        return await rehearse(sending, shown)


def _cancelled() -> ExitCode:
    complain("cancelled; nothing was sent")
    return ExitCode.CANCELLED


def _conclude(
    sending: Sending, ending: Ending, code: ExitCode, error: str | None, *, as_json: bool
) -> None:
    report = ending.report
    if as_json:
        typer.echo(json.dumps(as_document(report, exit_code=code, error=error)))
    else:
        stopped = in_options(report.stopped, sending.names)
        shown = as_text(evolve(report, stopped=stopped))
        typer.echo(shown)
        # What ended a run stands in its report, too: a person need not read it twice.
        if error is not None and stopped and stopped in error and _tells(shown, stopped):
            error = None
    if error is not None:
        complain(error)
    if sending.journal is not None and code in _GOES_ON:
        typer.echo(printable(how_to_go_on(sending.journal)), err=True)


def _tells(shown: str, stopped: str) -> bool:
    return sentence(printable(why_ended(stopped))) in shown


def how_to_go_on(journal: str, *, moved: bool = False) -> str:
    """Return what to type to go on with a run that was not finished.

    Args:
        journal: its path.
        moved: whether the line that began the run names another journal.
    """
    path = shlex.quote(journal)
    line = f"the same line with --journal {path}" if moved else "the same line again"
    return f"To go on: {line}, or {PROGRAM} resume {path}"
