"""How is the account's history shown? A table on a terminal, lines elsewhere. Pure."""

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from pushwoosh_async import PushHistoryRow
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.words import moment

COLUMNS = ("id", "sent at", "code", "sent", "opened", "content")
_NUMBERS = {"id", "sent", "opened"}


def cells(row: PushHistoryRow) -> tuple[str, ...]:
    """Return a row's columns, free of what a terminal would obey."""
    columns = (
        str(row.id),
        moment(row.send_date),
        row.code or "-",
        f"{_total(row.sent):,}",
        f"{_total(row.open):,}",
        next(iter(row.content.values()), "-"),
    )
    return tuple(map(printable, columns))


def as_line(row: PushHistoryRow) -> str:
    """Return a row's columns with tabs between them."""
    return "\t".join(cells(row))


def as_table(rows: Sequence[PushHistoryRow]) -> Table:
    """Return a table that fits a terminal."""
    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        numeric = column in _NUMBERS
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric)
    for row in rows:
        # As Text, since [b] and :smile: in a message would otherwise be obeyed.
        table.add_row(*map(Text, cells(row)))
    return table


def _total(by_application: Mapping[str, Mapping[str, int]]) -> int:
    return sum(sum(by_platform.values()) for by_platform in by_application.values())
