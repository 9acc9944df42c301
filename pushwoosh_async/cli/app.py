"""Which commands are there, and what becomes of an error in one of them?"""

import json
import warnings
from typing import Annotated

import typer

from pushwoosh_async import __version__
from pushwoosh_async.cli.command import Command
from pushwoosh_async.cli.commands.creating import (
    create_message,
    create_sms_message,
    create_targeted_message,
)
from pushwoosh_async.cli.commands.demo import demo
from pushwoosh_async.cli.commands.devices import (
    get_tags,
    register_device,
    register_user,
    set_tags,
    unregister_device,
)
from pushwoosh_async.cli.commands.export import export
from pushwoosh_async.cli.commands.filters import filters
from pushwoosh_async.cli.commands.history import get_push_history
from pushwoosh_async.cli.commands.keeping import purge, salvage
from pushwoosh_async.cli.commands.messages import (
    cancel_message,
    delete_message,
    get_message_details,
)
from pushwoosh_async.cli.commands.probe.command import probe
from pushwoosh_async.cli.commands.recalling import recall, reconcile
from pushwoosh_async.cli.commands.report import report
from pushwoosh_async.cli.commands.resume import resume
from pushwoosh_async.cli.commands.sandbox import sandbox
from pushwoosh_async.cli.commands.send import send
from pushwoosh_async.cli.commands.status import status
from pushwoosh_async.cli.commands.totals import get_message_totals
from pushwoosh_async.cli.complaints import (
    PROGRAM,
    BadInputError,
    RefusedError,
    UsageError,
    complain,
)
from pushwoosh_async.cli.exit_codes import (
    CALL_EPILOG,
    EPILOG,
    JOURNAL_EPILOG,
    PROBE_EPILOG,
    RECALL_EPILOG,
    RECONCILE_EPILOG,
    ExitCode,
)
from pushwoosh_async.cli.failure import failure_document
from pushwoosh_async.cli.parsing_words import in_our_words

# A command for each coroutine of the client, in the order in which one would need them.
_CALLS = (
    create_message,
    create_targeted_message,
    create_sms_message,
    delete_message,
    cancel_message,
    get_message_details,
    get_push_history,
    get_message_totals,
    register_device,
    unregister_device,
    register_user,
    set_tags,
    get_tags,
)

# Pretty tracebacks show variables, and a variable may hold the token.
app = typer.Typer(
    name=PROGRAM,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(cls=Command, epilog=EPILOG)(send)
app.command(cls=Command, epilog=EPILOG)(resume)
app.command(cls=Command, epilog=JOURNAL_EPILOG)(status)
app.command(cls=Command, epilog=JOURNAL_EPILOG)(report)
app.command(cls=Command, epilog=JOURNAL_EPILOG)(export)
app.command(cls=Command, epilog=RECALL_EPILOG)(recall)
app.command(cls=Command, epilog=RECONCILE_EPILOG)(reconcile)
app.command(cls=Command, epilog=JOURNAL_EPILOG)(salvage)
app.command(cls=Command, epilog=JOURNAL_EPILOG)(purge)
for _call in _CALLS:
    app.command(cls=Command, epilog=CALL_EPILOG)(_call)
app.add_typer(filters)
app.command(cls=Command)(sandbox)
app.command(cls=Command)(demo)
app.command(cls=Command, epilog=PROBE_EPILOG)(probe)


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
    """Run one command and return its exit code. Bad input, like a warning, is one line on stderr."""
    with warnings.catch_warnings():
        warnings.showwarning = _warn
        return _run(arguments)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    complain(f"warning: {message}")


def _run(arguments: list[str]) -> int:
    try:
        code = app(arguments, prog_name=PROGRAM, standalone_mode=False)
    except RefusedError as error:
        return _refuse(error, arguments)
    except KeyboardInterrupt:
        return ExitCode.CANCELLED
    except Exception as error:
        if not isinstance(error, UsageError):
            raise
        typed = PROGRAM if error.ctx is None else error.ctx.command_path
        complaint = in_our_words(error.format_message())
        return _refuse(BadInputError(f"{complaint} (see {typed} --help)"), arguments)
    return int(code or 0)


def _refuse(error: RefusedError, arguments: list[str]) -> ExitCode:
    """Say what is wrong: in an object, too, where --json was typed, however far parsing got."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--json" in options:
        failure = failure_document(str(error), error.code, delivery=error.delivery)
        typer.echo(json.dumps({**failure, **error.place}))
    complain(str(error), error.below)
    return error.code
