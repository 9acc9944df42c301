"""``pushwoosh-async get-push-history``: which messages were sent, newest first."""

import sys
from collections.abc import AsyncIterator
from typing import Annotated

import typer

from pushwoosh_async import PushHistoryRow
from pushwoosh_async.cli.asking import Call, Effect
from pushwoosh_async.cli.calling import calls
from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.history_text import as_line, as_table
from pushwoosh_async.cli.options import JsonLinesOption

_LIMIT = 20
# What the API takes as the size of a page.
_SMALLEST, _LARGEST = 10, 1000
# Rows under one heading.
_TABLE = 100


@calls(Effect.READS, json_option=JsonLinesOption)
async def get_push_history(
    call: Call,
    search_by: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="notificationID, notificationCode, applicationCode or campaignCode; with --value.",
        ),
    ] = None,
    value: Annotated[str | None, typer.Option(metavar="TEXT", help="What to look for.")] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="CP, API, GeoZone, RSS, AutoPush or 'A/B Test'."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help=f"Rows at most. Default: {_LIMIT}.")
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="Every row there is.")] = False,
) -> None:
    """List the messages of the account.

    The newest first; with --json an object on a line for each. Elsewhere than on a terminal the columns
    id, sent at, code, sent, opened and content stand between tabs. Messages of the API to fewer than ten
    devices at once are missing.
    """
    if whole and limit is not None:
        raise BadInputError("--all: give it or --limit, not both")
    if (search_by is None) != (value is None):
        raise BadInputError("--search-by: give it and --value together")
    most = None if whole else limit or _LIMIT
    rows = call.client.get_push_history(
        search_by=search_by,
        value=value,
        source=source,
        page_size=_LARGEST if most is None else min(max(most, _SMALLEST), _LARGEST),
    )
    as_tables = sys.stdout.isatty() and not call.as_json
    async for block in _blocks(rows, _TABLE if as_tables else 1, most):
        call.tell(as_table(block) if as_tables else as_line(block[0]), document(block[0]))


async def _blocks(
    rows: AsyncIterator[PushHistoryRow], size: int, most: int | None
) -> AsyncIterator[list[PushHistoryRow]]:
    """Cut rows into lists that are shown as one, so that no more than one is held."""
    block: list[PushHistoryRow] = []
    number = 0
    async for row in rows:
        block.append(row)
        number += 1
        if len(block) == size or number == most:
            yield block
            block = []
        if number == most:
            return
    if block:
        yield block
