"""Which options do several commands share, word for word?"""

from typing import Annotated, TypeAlias

import typer

from pushwoosh_async.cli.token import DEVICE_OPTION, OPTION

ApplicationOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="CODE", help="Default: PUSHWOOSH_APPLICATION.")
]
BaseUrlOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="URL", help="Default: PUSHWOOSH_BASE_URL, else the vendor's.")
]
TokenFileOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        OPTION,
        metavar="PATH",
        help="A file of mode 0600 that holds the API token. Default: PUSHWOOSH_API_TOKEN.",
    ),
]
DeviceTokenFileOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        DEVICE_OPTION,
        metavar="PATH",
        help="A file of mode 0600 that holds the device token. Default: PUSHWOOSH_DEVICE_API_TOKEN.",
    ),
]
TimeoutOption: TypeAlias = Annotated[
    float, typer.Option(metavar="S", help="Seconds for one attempt.")
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="A JSON object on one line; with 'error' if it failed.")
]
JsonLinesOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json",
        help="One JSON object a line, which json.tool reads with --json-lines; 'error' if it failed.",
    ),
]

ContentOption: TypeAlias = Annotated[str | None, typer.Option(metavar="TEXT", help="The message.")]
TitleOption: TypeAlias = Annotated[str | None, typer.Option(metavar="TEXT", help="Its title.")]
SendDateOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="WHEN",
        help="'YYYY-MM-DD HH:MM', or with an offset ('2030-01-31T09:00+01:00'). Default: now.",
    ),
]
MessageOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--message", metavar="FILE", help="The message as the API's JSON, for all the rest."
    ),
]

CodeArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="CODE", help="The message's code.", show_default=False)
]
HwidOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ID", help="The device's hardware id.")
]
UserIdOption: TypeAlias = Annotated[str | None, typer.Option(metavar="ID", help="The user's id.")]
DeviceTypeOption: TypeAlias = Annotated[
    int | None, typer.Option(metavar="N", help="Platform number, such as 1 for iOS, 3 for Android.")
]
TagOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        metavar="NAME=JSON",
        help="A tag and its value: 'Age=30', 'City=\"Paris\"', 'Likes=[\"tea\"]'. Repeat for more.",
    ),
]
