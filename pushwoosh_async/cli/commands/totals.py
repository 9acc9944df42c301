"""``pushwoosh-async get-message-totals``: what became of a message, in numbers."""

from typing import Annotated

import typer

from pushwoosh_async.cli.asking import Call, Effect
from pushwoosh_async.cli.calling import calls
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.options import CodeArgument
from pushwoosh_async.cli.totals_text import totals_table


@calls(Effect.READS)
async def get_message_totals(
    call: Call,
    message_code: CodeArgument,
    platforms: Annotated[
        list[int] | None,
        typer.Option(
            "--platform", metavar="N", help="A platform's number; repeat for more. Default: all."
        ),
    ] = None,
) -> None:
    """Show what became of a message, in numbers.

    How often it was sent, delivered and opened; with --json hour by hour.
    """
    totals = await call.client.get_message_totals(message_code, platforms=platforms or None)
    call.tell(totals_table(totals), document(totals))
