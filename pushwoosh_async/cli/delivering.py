"""How does a send go, from its plan to its report? The same for `send` and for `resume`."""

import json
import shlex
from collections.abc import Sequence
from typing import Any

import anyio
import typer
from attrs import evolve

from pushwoosh_async import PushwooshClient, SendPlan
from pushwoosh_async.cli.complaints import (
    PROGRAM,
    RefusedError,
    complain,
    in_options,
    naming,
    printable,
    words_of,
)
from pushwoosh_async.cli.connection import VENDOR
from pushwoosh_async.cli.display import display
from pushwoosh_async.cli.dry_run import Preview
from pushwoosh_async.cli.exit_codes import ExitCode, code_of
from pushwoosh_async.cli.filling import Filling, unfilled
from pushwoosh_async.cli.mailing import OneForEach
from pushwoosh_async.cli.report_text import as_document, as_text, why_ended
from pushwoosh_async.cli.sending import Sending
from pushwoosh_async.cli.watching import Ending, Retrying, until_a_signal, watch
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
    sending = sending.told_by(retrying)
    ending = anyio.run(_deliver, sending, retrying, quiet)
    if ending is None:
        return _cancelled()
    code = code_of(ending.report, ending.error, cancelled=ending.cancelled, begun=retrying.begun)
    error = None if ending.error is None else words_of(ending.error, sending.names)
    if error is not None and code in _UNTOLD and not retrying.begun:
        raise RefusedError(error, code=code)
    _conclude(sending, ending, code, error, as_json=as_json)
    return code


def show_plan(sending: Sending, *, as_json: bool, quiet: bool) -> ExitCode:
    """Check everything, send nothing, and tell what would be sent.

    Raises:
        BadInputError: something is wrong with the ids or the options.
    """
    mailing = sending.mailing
    names = mailing.placeholders
    filling = Filling(len(names)) if names else None
    plan = anyio.run(_plan_alone, sending, filling, quiet)
    if plan is None:
        return _cancelled()
    notification = {"send_date": "now", **mailing.template.to_wire()}
    found = Preview(
        notification,
        mailing.kind,
        plan,
        application=sending.client["application"],
        base_url=sending.client.get("base_url", VENDOR),
        filling=filling,
        unfilled=unfilled(mailing.template, names),
    )
    if as_json:
        typer.echo(json.dumps(found.as_document()))
        return ExitCode.DONE
    typer.echo("Nothing was sent. This would be:\n")
    text = json.dumps(notification, indent=2, ensure_ascii=False)
    typer.echo("\n".join(map(printable, text.splitlines())))
    typer.echo(f"\n{found.as_text()}")
    return ExitCode.DONE


async def _plan_alone(sending: Sending, filling: Filling | None, quiet: bool) -> SendPlan | None:
    with naming(sending.names):
        client = sending.open_client()
    async with client:
        return await _plan(sending, client, filling, quiet=quiet)


async def _plan(
    sending: Sending, client: PushwooshClient, filling: Filling | None = None, *, quiet: bool
) -> SendPlan | None:
    """Go through the file; None where a signal ended that."""
    with display("checking", quiet=quiet) as shown, naming(sending.names):

        def told(read: int, page: Sequence[Any]) -> None:
            shown.tell(f"{read:,} ids read")
            if filling is not None:
                filling.see(page)

        return await until_a_signal(lambda: sending.plan(client, told))


async def _deliver(sending: Sending, retrying: Retrying, quiet: bool) -> Ending | None:
    with naming(sending.names):
        client = sending.open_client()
    async with client:
        # What can be read only once is sent to as it comes.
        if not sending.checked and sending.repeatable:
            plan = await _plan(sending, client, quiet=quiet)
            if plan is None:
                return None
            sending = sending.gone_through(plan.recipients + plan.duplicates + plan.invalid)
        with naming(sending.names):
            run = sending.fan_out(client)
        allowed = client.rate
        with display("sending", quiet=quiet) as shown:
            ending = await watch(run, shown, retrying)
        if client.rate < allowed:
            typer.echo(_lowered(client.rate), err=True)
        return ending


def _lowered(rate: float) -> str:
    most = max(int(rate * 60), 1)
    return f"The API answered 429: the rate was lowered, at the end to {most} requests a minute."


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
        of_each = isinstance(sending.mailing, OneForEach)
        shown = as_text(evolve(report, stopped=stopped), of_each=of_each)
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
