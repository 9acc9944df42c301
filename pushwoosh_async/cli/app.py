"""Which commands are there, and what becomes of an error in one of them?"""

from typing import Annotated

import typer

from pushwoosh_async import __version__
from pushwoosh_async.cli.complaints import PROGRAM, BadInputError, UsageError, complain
from pushwoosh_async.cli.demo import demo
from pushwoosh_async.cli.exit_codes import EPILOG, ExitCode
from pushwoosh_async.cli.sandbox import sandbox
from pushwoosh_async.cli.send import send

# Pretty tracebacks show variables, and a variable may hold the token.
app = typer.Typer(
    name=PROGRAM,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=EPILOG)(send)
app.command()(sandbox)
app.command()(demo)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Send push messages to any number of recipients through the Pushwoosh Remote API."""
    if context.invoked_subcommand is None and not version:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.BAD_INPUT)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. Bad input is one line on standard error."""
    try:
        code = app(arguments, prog_name=PROGRAM, standalone_mode=False)
    except BadInputError as error:
        complain(str(error))
        return ExitCode.BAD_INPUT
    except KeyboardInterrupt:
        return ExitCode.CANCELLED
    except Exception as error:
        if not isinstance(error, UsageError):
            raise
        complain(f"{error.format_message()} (see {PROGRAM} --help)")
        return ExitCode.BAD_INPUT
    return int(code or 0)
