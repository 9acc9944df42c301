"""Which options do the commands share that deliver to the ids of a file, or read such a file again?"""

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer


class Format(StrEnum):
    """What a file of ids can be read as."""

    LINES = "lines"
    CSV = "csv"
    JSONL = "jsonl"


class Transport(StrEnum):
    """What carries the requests."""

    HTTPX = "httpx"
    AIOHTTP = "aiohttp"


class OnRejected(StrEnum):
    """What a refused chunk does."""

    REPORT = "report"
    BISECT = "bisect"
    STOP = "stop"


_BY_NAME = "By default what the file's name says, else lines."

UsersOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="FILE", help="User ids; - is standard input.")
]
DevicesOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="FILE", help="Push tokens or hwids instead; - as well.")
]
ColumnOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Read CSV: the column's name; a number is its index, from 0, in a file without header.",
    ),
]
FieldOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="Read JSON lines: the field with the id.")
]
FormatOption: TypeAlias = Annotated[Format | None, typer.Option(help=_BY_NAME)]
InputFormatOption: TypeAlias = Annotated[
    Format | None, typer.Option("--input-format", help=f"What FILE is. {_BY_NAME}")
]

ConcurrencyOption: TypeAlias = Annotated[int, typer.Option(metavar="N", help="Requests in flight.")]
RateOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="N/min", help="Requests a minute. Default: 600/min.")
]
NoRateLimitOption: TypeAlias = Annotated[bool, typer.Option("--no-rate-limit", help="No limit.")]
DeadlineOption: TypeAlias = Annotated[
    float | None, typer.Option(metavar="S", help="Seconds after which nothing new begins.")
]
TransportOption: TypeAlias = Annotated[
    Transport, typer.Option(help="aiohttp needs less CPU, and its extra.")
]

OnRejectedOption: TypeAlias = Annotated[
    OnRejected,
    typer.Option(
        help="When the API refuses a chunk: go on, take it apart until the bad ids stand alone, or stop."
    ),
]
BisectRequestsOption: TypeAlias = Annotated[
    int, typer.Option(metavar="N", help="Requests at most for taking chunks apart.")
]
RetryRejectedOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--retry-rejected", help="Send once more to whom the API refused in an earlier session."
    ),
]
ResendInDoubtOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHICH",
        help="Send once more to whom an earlier session left in doubt: 'all', or a transaction id of the "
        "report; repeat for more. WHO GOT IT ALREADY GETS A DUPLICATE.",
    ),
]

JournalArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="JOURNAL", help="The file of send --journal.", show_default=False)
]
QuietOption: TypeAlias = Annotated[bool, typer.Option("--quiet", help="No progress.")]
ForceOption: TypeAlias = Annotated[
    bool, typer.Option("--force", help="Replace the file if it exists.")
]

# Halves that taking chunks apart may cost; the library's own default.
BISECT_REQUESTS = 1000
