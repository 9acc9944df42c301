"""``pushwoosh-async send``: one notification to every id in a file."""

import json
from enum import StrEnum
from typing import Annotated, Any

import anyio
import typer

from pushwoosh_async import RateLimit, read_ids
from pushwoosh_async.cli import dry_run as preview
from pushwoosh_async.cli.complaints import complain, naming, printable, words_of
from pushwoosh_async.cli.connection import TIMEOUT, connection
from pushwoosh_async.cli.display import display
from pushwoosh_async.cli.exit_codes import ExitCode, code_of
from pushwoosh_async.cli.message import notification_of
from pushwoosh_async.cli.options import (
    ApplicationOption,
    BaseUrlOption,
    ContentOption,
    MessageOption,
    SendDateOption,
    TimeoutOption,
    TitleOption,
    TokenFileOption,
)
from pushwoosh_async.cli.rehearsal import rehearse
from pushwoosh_async.cli.report_text import as_document, as_text
from pushwoosh_async.cli.sending import Sending, audience_of, column_of, rate_of
from pushwoosh_async.cli.watching import Ending, Retrying, watch


class Format(StrEnum):
    """What a file of ids can be read as."""

    LINES = "lines"
    CSV = "csv"
    JSONL = "jsonl"


class Transport(StrEnum):
    """What carries the requests."""

    HTTPX = "httpx"
    AIOHTTP = "aiohttp"


class Invalid(StrEnum):
    """What an id that breaks a rule does."""

    RAISE = "raise"
    DROP = "drop"


class OnRejected(StrEnum):
    """What a refused chunk does."""

    REPORT = "report"
    STOP = "stop"


def send(
    users: Annotated[
        str | None, typer.Option(metavar="FILE", help="User ids; - is standard input.")
    ] = None,
    devices: Annotated[
        str | None, typer.Option(metavar="FILE", help="Push tokens or hwids instead; - as well.")
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Read CSV: the column's name; a number is its index, from 0, in a file without header.",
        ),
    ] = None,
    field: Annotated[
        str | None, typer.Option(metavar="NAME", help="Read JSON lines: the field with the id.")
    ] = None,
    format: Annotated[  # noqa: A002 -- the option's name
        Format | None, typer.Option(help="By default what the file's name says, else lines.")
    ] = None,
    content: ContentOption = None,
    title: TitleOption = None,
    message: MessageOption = None,
    send_date: SendDateOption = None,
    application: ApplicationOption = None,
    base_url: BaseUrlOption = None,
    token_file: TokenFileOption = None,
    concurrency: Annotated[int, typer.Option(metavar="N", help="Requests in flight.")] = 16,
    chunk_size: Annotated[int, typer.Option(metavar="N", help="Ids in a request, up to 1000.")] = (
        1000
    ),
    timeout: TimeoutOption = TIMEOUT,
    rate: Annotated[
        str | None, typer.Option(metavar="N/min", help="Requests a minute. Default: 600/min.")
    ] = None,
    no_rate_limit: Annotated[bool, typer.Option("--no-rate-limit", help="No limit.")] = False,
    deadline: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds after which nothing new begins.")
    ] = None,
    invalid: Annotated[
        Invalid, typer.Option(help="At an id that breaks a rule: refuse, or set it aside.")
    ] = Invalid.RAISE,
    on_rejected: Annotated[
        OnRejected, typer.Option(help="When the API refuses a chunk: go on, or stop.")
    ] = OnRejected.REPORT,
    no_dedupe: Annotated[
        bool, typer.Option("--no-dedupe", help="Send twice to an id that comes twice.")
    ] = False,
    transport: Annotated[
        Transport, typer.Option(help="aiohttp needs less CPU, and its extra.")
    ] = Transport.HTTPX,
    send_id: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A second start under this name within 5 minutes sends to nobody twice.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check all, send nothing, show what would be sent.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as a JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> int:
    """Send a notification to every id in a file.

    A file is gone through once before the first message leaves: what is wrong with it ends the command
    with nothing sent. The API token comes from PUSHWOOSH_API_TOKEN or --token-file, never from an option.
    The first Ctrl-C lets what is under way come to its end, the second cancels.
    """
    kind, path = audience_of(users, devices)
    reached = connection(
        application=application, base_url=base_url, token_file=token_file, timeout=timeout
    )
    names = {
        **reached.names,
        "path": f"--{kind}",
        "users": "--users",
        "devices": "--devices",
        "column": "--column",
        "field": "--field",
        "format": "--format",
        "notification": "--message" if message is not None else "--content",
        "max_connections": "--concurrency",
        "chunk_size": "--chunk-size",
        "deadline": "--deadline",
        "send_id": "--send-id",
        "transport": "--transport",
    }
    with naming(names):
        ids = read_ids(path, column=column_of(column), field=field, format=_literal(format))
    sending = Sending(
        notification=notification_of(
            content=content, title=title, send_date=send_date, path=message
        ),
        kind=kind,
        ids=ids,
        client={
            **reached.client,
            "max_connections": concurrency,
            "transport": transport.value,
            **rate_of(rate, lifted=no_rate_limit),
        },
        run={
            "concurrency": concurrency,
            "chunk_size": chunk_size,
            "send_id": send_id,
            "dedupe": not no_dedupe,
            "invalid": invalid.value,
            "on_rejected": on_rejected.value,
            "deadline": deadline,
        },
        names=names,
    )
    return anyio.run(_send, sending, dry_run, as_json, quiet)


def _literal(choice: Format | None) -> Any:
    return None if choice is None else choice.value


async def _send(sending: Sending, dry_run: bool, as_json: bool, quiet: bool) -> ExitCode:
    retrying = Retrying()
    sending = sending.with_changes(client={"hooks": retrying}, run={})
    with naming(sending.names):
        client = sending.open_client()
    async with client:
        ending, largest = await _rehearse(sending, quiet=quiet, needed=dry_run)
        if ending is not None and ending.cancelled:
            complain("cancelled; nothing was sent")
            return ExitCode.CANCELLED
        if dry_run and ending is not None:
            _show_preview(sending, ending, largest, as_json=as_json)
            return ExitCode.DONE
        with naming(sending.names):
            run = sending.fan_out(client, None if ending is None else ending.report.total)
        with display("sending", quiet=quiet) as shown:
            ending = await watch(run, shown, retrying)
    return _conclude(sending, ending, as_json=as_json)


async def _rehearse(sending: Sending, *, quiet: bool, needed: bool) -> tuple[Ending | None, int]:
    """Go through the ids beforehand, unless they can be read only once and are to be sent to."""
    if not needed and not sending.repeatable:
        return None, 0
    with display("checking", quiet=quiet) as shown:
        return await rehearse(sending, shown)


def _show_preview(sending: Sending, ending: Ending, largest: int, *, as_json: bool) -> None:
    found = preview.Preview(
        notification={"send_date": "now", **sending.notification.to_wire()},
        kind=sending.kind,
        report=ending.report,
        largest=largest,
        limit=sending.client.get("rate_limit", RateLimit()),
    )
    if as_json:
        typer.echo(json.dumps(found.as_document()))
        return
    typer.echo("Nothing was sent. This would be:\n")
    text = json.dumps(found.notification, indent=2, ensure_ascii=False)
    typer.echo("\n".join(map(printable, text.splitlines())))
    typer.echo(f"\n{found.as_table()}")


def _conclude(sending: Sending, ending: Ending, *, as_json: bool) -> ExitCode:
    code = code_of(ending.report, ending.error, cancelled=ending.cancelled)
    error = None if ending.error is None else words_of(ending.error, sending.names)
    if as_json:
        typer.echo(json.dumps(as_document(ending.report, exit_code=code, error=error)))
    elif code is not ExitCode.BAD_INPUT:
        typer.echo(as_text(ending.report))
    if error is not None:
        complain(error)
    return code
