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


PLACEHOLDER = "--placeholder"

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

PlaceholderOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        PLACEHOLDER,
        metavar="NAME=COLUMN",
        help="A message for each: this column of CSV, or field of JSON lines, holds what stands for {NAME} "
        "in it. An empty cell is left out: then the user's own tag holds, or the default in "
        "{NAME|CapitalizeFirst|default}. Repeat for more.",
    ),
]

PerRequestOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--notifications-per-request",
        metavar="N|max",
        help="Notifications that share a request, up to 1000; max: as many as fit. The API's limit counts "
        "requests. One failed request leaves all of its notifications in doubt, until each was repeated; "
        "and what is refused in company ends in doubt. Default: 1; max with --placeholder.",
    ),
]
RequestBytesOption: TypeAlias = Annotated[
    int,
    typer.Option(
        "--max-request-bytes", metavar="N", help="Of a request with more than one notification."
    ),
]
ConcurrencyOption: TypeAlias = Annotated[int, typer.Option(metavar="N", help="Requests in flight.")]
RateOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="N/min", help="Requests a minute. Default: 600/min.")
]
AdaptiveRateOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--adaptive-rate",
        help="Go slower when the API answers 429, and faster again, never above --rate.",
    ),
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

# The library's own defaults: halves that taking chunks apart may cost, and bytes of a request.
BISECT_REQUESTS = 1000
MAX_REQUEST_BYTES = 4_000_000
