"""``pushwoosh-async send``: a notification to every id in a file, the same for all or one for each."""

from enum import StrEnum
from typing import Annotated

import typer

from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.connection import TIMEOUT, connection
from pushwoosh_async.cli.delivering import deliver, show_plan
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.journals import begun_run
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
from pushwoosh_async.cli.recipients import mailing_of
from pushwoosh_async.cli.run_options import (
    BISECT_REQUESTS,
    MAX_REQUEST_BYTES,
    AdaptiveRateOption,
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
    PerRequestOption,
    PlaceholderOption,
    QuietOption,
    RateOption,
    RequestBytesOption,
    ResendInDoubtOption,
    RetryRejectedOption,
    Transport,
    TransportOption,
    UsersOption,
)
from pushwoosh_async.cli.sending import RUN_NAMES, Sending, doubts_of, packing_of, rate_of
from pushwoosh_async.cli.typed_file import TypedFile


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
    placeholder: PlaceholderOption = None,
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
    chunk_size: Annotated[
        int, typer.Option(metavar="N", help="Ids in a notification, up to 1000.")
    ] = 1000,
    notifications_per_request: PerRequestOption = None,
    max_request_bytes: RequestBytesOption = MAX_REQUEST_BYTES,
    timeout: TimeoutOption = TIMEOUT,
    rate: RateOption = None,
    adaptive_rate: AdaptiveRateOption = False,
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
        bool,
        typer.Option(
            "--dry-run", help="Check all, send nothing, show the plan. It needs no token."
        ),
    ] = False,
    plan: Annotated[
        str | None,
        typer.Option(
            metavar="HASH",
            help="Send only what --dry-run showed under this plan; not from a pipe.",
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Send a notification to every id in a file, or with --placeholder one that is made for each.

    A file is gone through once before the first message leaves: what is wrong with it ends the command
    with nothing sent. The API token comes from PUSHWOOSH_API_TOKEN or --token-file, never from an option.
    The first Ctrl-C lets what is under way come to its end, the second cancels.
    """
    file = TypedFile(users, devices, column, field, placeholder, format)
    kind, _ = file.audience()
    reached = connection(
        application=application,
        base_url=base_url,
        token_file=token_file,
        timeout=timeout,
        asks=not dry_run,
    )
    notification = notification_of(content=content, title=title, send_date=send_date, path=message)
    said_by = "--message" if message is not None else "--content"
    mailing = mailing_of(notification, file, option=said_by)
    sending = Sending(
        mailing=mailing,
        client={
            **reached.client,
            "max_connections": concurrency,
            "transport": transport.value,
            **rate_of(rate, lifted=no_rate_limit, adaptive=adaptive_rate),
        },
        run={
            "concurrency": concurrency,
            "chunk_size": chunk_size,
            "notifications_per_request": packing_of(notifications_per_request, mailing),
            "max_request_bytes": max_request_bytes,
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
            "plan": plan,
        },
        names={
            **RUN_NAMES,
            **reached.names,
            "path": f"--{kind}",
            "recipients": f"--{kind}",
            "kind": f"--{kind}",
            "notification": said_by,
        },
    )
    if dry_run:
        _refuse_beside_dry_run(sending)
        return show_plan(sending, as_json=as_json, quiet=quiet)
    return _begin(sending, as_json=as_json, quiet=quiet)


def _refuse_beside_dry_run(sending: Sending) -> None:
    """Refuse what a dry run would pass over in silence: it neither writes a journal nor reads one."""
    for argument in ("plan", "journal", "retry_rejected", "resend_in_doubt"):
        if sending.run[argument] not in (None, False):
            raise BadInputError(f"{RUN_NAMES[argument]}: give it or --dry-run, not both")


def _begin(sending: Sending, *, as_json: bool, quiet: bool) -> ExitCode:
    if sending.run["plan"] is not None:
        sending.require_repeatable("--plan")
    earlier = None if sending.journal is None else begun_run(sending.journal)
    if earlier is not None:
        sending = sending.goes_on_with(earlier)
    return deliver(sending, as_json=as_json, quiet=quiet)
