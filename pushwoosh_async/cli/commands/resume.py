"""``pushwoosh-async resume``: a send goes on from nothing but its journal."""

from typing import Annotated

import typer

from pushwoosh_async.cli.connection import TIMEOUT, connection
from pushwoosh_async.cli.delivering import deliver
from pushwoosh_async.cli.journals import access_of, reading, run_of
from pushwoosh_async.cli.options import JsonOption, TimeoutOption, TokenFileOption
from pushwoosh_async.cli.recipients import mailing_again
from pushwoosh_async.cli.run_options import (
    BISECT_REQUESTS,
    MAX_REQUEST_BYTES,
    AdaptiveRateOption,
    BisectRequestsOption,
    ColumnOption,
    DeadlineOption,
    DevicesOption,
    FieldOption,
    FormatOption,
    JournalArgument,
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


def resume(
    journal: JournalArgument,
    users: UsersOption = None,
    devices: DevicesOption = None,
    column: ColumnOption = None,
    field: FieldOption = None,
    format: FormatOption = None,  # noqa: A002 -- the option's name
    placeholder: PlaceholderOption = None,
    token_file: TokenFileOption = None,
    concurrency: Annotated[
        int | None,
        typer.Option(metavar="N", help="Requests in flight.", show_default="as in the journal"),
    ] = None,
    notifications_per_request: PerRequestOption = None,
    max_request_bytes: RequestBytesOption = MAX_REQUEST_BYTES,
    timeout: TimeoutOption = TIMEOUT,
    rate: RateOption = None,
    adaptive_rate: AdaptiveRateOption = False,
    no_rate_limit: NoRateLimitOption = False,
    deadline: DeadlineOption = None,
    on_rejected: OnRejectedOption = OnRejected.REPORT,
    bisect_requests: BisectRequestsOption = BISECT_REQUESTS,
    retry_rejected: RetryRejectedOption = False,
    resend_in_doubt: ResendInDoubtOption = None,
    transport: TransportOption = Transport.HTTPX,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Go on with a send that was interrupted; what is settled is never requested again.

    Message, application, address and the file of ids are those of the journal; only the token is not in
    it. Give --users or --devices, and how to read it, where the file has moved, or came from standard
    input. How fast it goes, in which requests, and what becomes of what is refused, is said anew.
    """
    run = run_of(journal)
    with reading():
        mailing = mailing_again(run, TypedFile(users, devices, column, field, placeholder, format))
    reached = connection(token_file=token_file, timeout=timeout)
    at_once = run.concurrency if concurrency is None else concurrency
    sending = Sending(
        mailing=mailing,
        client={
            **reached.client,
            **access_of(run),
            "max_connections": at_once,
            "transport": transport.value,
            **rate_of(rate, lifted=no_rate_limit, adaptive=adaptive_rate),
        },
        run={
            "concurrency": at_once,
            "chunk_size": run.chunk_size,
            "notifications_per_request": packing_of(notifications_per_request, mailing),
            "max_request_bytes": max_request_bytes,
            "journal": journal,
            "store_ids": run.store_ids,
            "dedupe": run.dedupe,
            "invalid": run.invalid,
            "on_rejected": on_rejected.value,
            "bisect_requests": bisect_requests,
            "deadline": deadline,
            "retry_rejected": retry_rejected,
            "resend_in_doubt": doubts_of(resend_in_doubt),
        },
        names={
            **RUN_NAMES,
            **reached.names,
            "journal": "JOURNAL",
            "path": f"--{mailing.kind}",
            "recipients": f"--{mailing.kind}",
        },
    )
    return deliver(sending.goes_on_with(run), as_json=as_json, quiet=quiet)
