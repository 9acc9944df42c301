"""``pushwoosh-async filter``: is this text a filter, whom does it reach, and how is it written well?"""

import json
from collections.abc import Iterator
from typing import Annotated, TypeAlias

import typer

from pushwoosh_async import (
    App,
    AppGroup,
    AppTagTest,
    Combination,
    Filter,
    FilterSyntaxError,
    explain,
    parse_filter,
)
from pushwoosh_async.cli.command import Command
from pushwoosh_async.cli.complaints import BadInputError, misread_filter, printable
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.options import JsonOption
from pushwoosh_async.cli.text_input import STANDARD_INPUT, read_text
from pushwoosh_async.cli.words import listing

_NAME = "TEXT"
TextArgument: TypeAlias = Annotated[
    str,
    typer.Argument(metavar=_NAME, help="The filter; - is standard input.", show_default=False),
]

_UNBOUNDED = "reaches every application of the account, since tags are shared"

filters = typer.Typer(name="filter", help="Check, explain or tidy a filter; the API is not asked.")


@filters.command(cls=Command)
def check(text: TextArgument, as_json: JsonOption = False) -> ExitCode:
    """Tell whether a text is a filter.

    And whether it keeps to the applications that it names. If it is none, the place is shown, and the
    exit code is 2.
    """
    _show_verdict(_read(_NAME, _source(text)), as_json=as_json)
    return ExitCode.DONE


@filters.command("explain", cls=Command)
def explain_(text: TextArgument, as_json: JsonOption = False) -> ExitCode:
    """Say in words whom a filter chooses."""
    words = explain(_read(_NAME, _source(text)))
    typer.echo(json.dumps({"explanation": words}) if as_json else _lines(words))
    return ExitCode.DONE


@filters.command("format", cls=Command)
def format_(text: TextArgument, as_json: JsonOption = False) -> ExitCode:
    """Write a filter in its canonical form.

    Its parentheses leave nothing to precedence.
    """
    canonical = str(_read(_NAME, _source(text)))
    typer.echo(json.dumps({"filter": canonical}) if as_json else _lines(canonical))
    return ExitCode.DONE


def require_bounded(option: str, text: str) -> None:
    """Refuse a filter that does not keep to applications that it names.

    Args:
        option: that gave it.
        text: the filter.

    Raises:
        BadInputError: it does not, or is no filter.
    """
    if not _read(option, text).bounded:
        raise BadInputError(
            f"{option}: {_UNBOUNDED}; bound it with 'A(\"XXXXX-XXXXX\") * (...)', "
            "or give --all-applications"
        )


def _source(text: str) -> str:
    return read_text(_NAME, text) if text == STANDARD_INPUT else text


def _read(option: str, text: str) -> Filter:
    if not text.strip():  # there is no place to show
        raise BadInputError(f"{option}: is empty")
    try:
        return parse_filter(text)
    except FilterSyntaxError as error:
        misread = misread_filter(option, error)
    raise misread


def _show_verdict(tree: Filter, *, as_json: bool) -> None:
    applications = sorted(set(_applications(tree)))
    if as_json:
        typer.echo(json.dumps({"bounded": tree.bounded, "applications": applications}))
        return
    verdict = {
        "syntax": "right",
        "names": ", ".join(applications) or "no application",
        "bounded": "yes, to applications that it names" if tree.bounded else f"no: {_UNBOUNDED}",
    }
    typer.echo(_lines(listing(verdict)))


def _applications(tree: Filter) -> Iterator[str]:
    """Yield the codes of the applications, and groups of them, that a filter names."""
    match tree:
        case Combination():
            for operand in tree.operands:
                yield from _applications(operand)
        case AppTagTest():
            yield tree.application
        case App() | AppGroup():
            yield tree.code


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
