"""``pushwoosh-async send``: one notification to every id in a file."""

from enum import StrEnum
from typing import Annotated

import typer

from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.connection import TIMEOUT, connection
from pushwoosh_async.cli.delivering import deliver, show_preview
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.journals import begun_run, checked_total
from pushwoosh_async.cli.message import notification_of
from pushwoosh_async.cli.options import (
    ApplicationOption,
    BaseUrlOption,
    ContentOption,
    JsonOption,
    MessageOption,
    SendDateOption,
    TimeoutOption,
    TitleOption,
    TokenFileOption,
)
from pushwoosh_async.cli.recipients import audience_of, ids_of
from pushwoosh_async.cli.run_options import (
    BISECT_REQUESTS,
    BisectRequestsOption,
    ColumnOption,
    ConcurrencyOption,
    DeadlineOption,
    DevicesOption,
    FieldOption,
    FormatOption,
    NoRateLimitOption,
    OnRejected,
    OnRejectedOption,
    QuietOption,
    RateOption,
    ResendInDoubtOption,
    RetryRejectedOption,
    Transport,
    TransportOption,
    UsersOption,
)
from pushwoosh_async.cli.sending import RUN_NAMES, Sending, doubts_of, rate_of


class Invalid(StrEnum):
    """What an id that breaks a rule does."""

    RAISE = "raise"
    DROP = "drop"


def send(
    users: UsersOption = None,
    devices: DevicesOption = None,
    column: ColumnOption = None,
    field: FieldOption = None,
    format: FormatOption = None,  # noqa: A002 -- the option's name
    content: ContentOption = None,
    title: TitleOption = None,
    message: MessageOption = None,
    send_date: SendDateOption = None,
    application: ApplicationOption = None,
    base_url: BaseUrlOption = None,
    token_file: TokenFileOption = None,
    journal: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write every step down there first: after a crash the same line again goes on.",
        ),
    ] = None,
    store_ids: Annotated[
        bool,
        typer.Option(
            "--store-ids",
            help="Keep ids in the journal, the unknown ones too: it then holds personal data.",
        ),
    ] = False,
    concurrency: ConcurrencyOption = 16,
    chunk_size: Annotated[int, typer.Option(metavar="N", help="Ids in a request, up to 1000.")] = (
        1000
    ),
    timeout: TimeoutOption = TIMEOUT,
    rate: RateOption = None,
    no_rate_limit: NoRateLimitOption = False,
    deadline: DeadlineOption = None,
    invalid: Annotated[
        Invalid, typer.Option(help="At an id that breaks a rule: refuse, or set it aside.")
    ] = Invalid.RAISE,
    on_rejected: OnRejectedOption = OnRejected.REPORT,
    bisect_requests: BisectRequestsOption = BISECT_REQUESTS,
    no_dedupe: Annotated[
        bool, typer.Option("--no-dedupe", help="Send twice to an id that comes twice.")
    ] = False,
    retry_rejected: RetryRejectedOption = False,
    resend_in_doubt: ResendInDoubtOption = None,
    transport: TransportOption = Transport.HTTPX,
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
    as_json: JsonOption = False,
    quiet: QuietOption = False,
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
    sending = Sending(
        notification=notification_of(
            content=content, title=title, send_date=send_date, path=message
        ),
        kind=kind,
        ids=ids_of(kind, path, column=column, field=field, format=format),
        client={
            **reached.client,
            "max_connections": concurrency,
            "transport": transport.value,
            **rate_of(rate, lifted=no_rate_limit),
        },
        run={
            "concurrency": concurrency,
            "chunk_size": chunk_size,
            "journal": journal,
            "store_ids": store_ids,
            "send_id": send_id,
            "dedupe": not no_dedupe,
            "invalid": invalid.value,
            "on_rejected": on_rejected.value,
            "bisect_requests": bisect_requests,
            "deadline": deadline,
            "retry_rejected": retry_rejected,
            "resend_in_doubt": doubts_of(resend_in_doubt),
        },
        names={
            **RUN_NAMES,
            **reached.names,
            "path": f"--{kind}",
            "kind": f"--{kind}",
            "notification": "--message" if message is not None else "--content",
        },
    )
    return _begin(sending, dry_run=dry_run, as_json=as_json, quiet=quiet)


def _begin(sending: Sending, *, dry_run: bool, as_json: bool, quiet: bool) -> ExitCode:
    earlier = None if sending.journal is None else begun_run(sending.journal)
    if dry_run and earlier is not None:
        raise BadInputError(
            "--dry-run: the journal is of a send that has begun; report shows what is left of it"
        )
    if dry_run:
        return show_preview(sending, as_json=as_json, quiet=quiet)
    if earlier is not None:
        sending = sending.counted(checked_total(earlier))
    return deliver(sending, as_json=as_json, quiet=quiet)
