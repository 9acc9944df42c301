"""``pushwoosh-async export``: what became of each id, one by one."""

import shlex
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Sequence
from contextlib import aclosing, contextmanager
from enum import StrEnum
from io import TextIOWrapper
from typing import Annotated

import anyio
import typer

from pushwoosh_async import RecipientLabel, label_recipients, unknown_recipients
from pushwoosh_async.cli.complaints import PROGRAM, BadInputError, printable
from pushwoosh_async.cli.display import display
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.journals import reading, run_of
from pushwoosh_async.cli.label_rows import RowFormat, Sink, Value, row_writer
from pushwoosh_async.cli.output_file import written
from pushwoosh_async.cli.recipients import is_of_each, mailing_again
from pushwoosh_async.cli.report_text import RECALLED
from pushwoosh_async.cli.run_options import (
    ColumnOption,
    DevicesOption,
    FieldOption,
    ForceOption,
    InputFormatOption,
    JournalArgument,
    PlaceholderOption,
    QuietOption,
    UsersOption,
)
from pushwoosh_async.cli.typed_file import TypedFile
from pushwoosh_async.cli.words import count

_COLUMNS = ("id", "position", "outcome", "transaction_id", "message_code", "reason", "unknown")
_TOLD_EVERY = 10_000

Write = Callable[[Sequence[Value]], None]


class Outcome(StrEnum):
    """What became of an id."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    NOT_SENT = "not_sent"
    INVALID = "invalid"
    DUPLICATE = "duplicate"


def export(
    journal: JournalArgument,
    users: UsersOption = None,
    devices: DevicesOption = None,
    column: ColumnOption = None,
    field: FieldOption = None,
    input_format: InputFormatOption = None,
    placeholder: PlaceholderOption = None,
    only: Annotated[
        list[Outcome] | None, typer.Option(help="What became of them; repeat for more.")
    ] = None,
    unknown: Annotated[
        bool,
        typer.Option(
            "--unknown", help="The ids that the application does not know, of send --store-ids."
        ),
    ] = False,
    format: Annotated[  # noqa: A002 -- the option's name
        RowFormat, typer.Option(help="How they are written.")
    ] = RowFormat.JSONL,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", help="CSV for machines, not safe in a spreadsheet: cells as they are."
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A new file, of mode 0600. Default: standard output."),
    ] = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> int:
    """Tell of each id of a send what became of it, in the order in which they were to be sent to.

    That is the order of the file; where each message had its own text, it is that of the messages. The
    file is read once more, and every chunk held against the journal. It is personal data. What JSON lines
    hold can be sent to again: send --users FILE --field id; not where each message had its own text, which
    is not in it: there resume sends to who is left. Positions are counted from 0.
    """
    if plain and format is not RowFormat.CSV:
        raise BadInputError("--plain: give it with --format csv")
    if force and output is None:
        raise BadInputError("--force: give it with --output")
    if unknown:
        _refuse_beside_unknown(
            users=users,
            devices=devices,
            column=column,
            field=field,
            input_format=input_format,
            placeholder=placeholder,
            only=only,
        )
        source = None
    else:
        run = run_of(journal)
        if run.recalled and not quiet:
            note = f"{RECALLED}: {run.recalled:,}; they are listed as accepted, as they were"
            typer.echo(note, err=True)
        file = TypedFile(users, devices, column, field, placeholder, input_format, "--input-format")
        with reading():
            source = mailing_again(run, file).source
        if is_of_each(run) and not quiet:
            typer.echo(printable(_no_texts(journal)), err=True)
    with _sink(output, force=force) as sink, reading():
        if source is None:
            _list_unknown(journal, row_writer(sink, ("id",), format, plain=plain))
            return ExitCode.DONE
        write = row_writer(sink, _COLUMNS, format, plain=plain)
        wanted = frozenset(each.value for each in only or Outcome)
        found = anyio.run(_label, label_recipients(journal, source), wanted, write, quiet)
    if output is not None and not quiet:
        typer.echo(printable(f"{output}: {_summary(found)}"), err=True)
    return ExitCode.DONE


def _no_texts(journal: str) -> str:
    goes_on = f"{PROGRAM} resume {shlex.quote(journal)}"
    return (
        f"Each message was another, and its text is not listed; to send to who is left: {goes_on}"
    )


def _refuse_beside_unknown(**options: object) -> None:
    for name, given in options.items():
        if given:
            raise BadInputError(f"--{name.replace('_', '-')}: give it or --unknown, not both")


def _list_unknown(journal: str, write: Write) -> None:
    for text in unknown_recipients(journal):
        write((text,))


async def _label(
    labels: AsyncGenerator[RecipientLabel, None],
    wanted: Collection[str],
    write: Write,
    quiet: bool,
) -> Counter[str]:
    """Write the labels that are wanted; return how many ids were written, by what became of them."""
    found: Counter[str] = Counter()
    with display("labelling", quiet=quiet) as shown:
        async with aclosing(labels):
            async for label in labels:
                if label.position % _TOLD_EVERY == 0:
                    shown.tell(f"{label.position:,} ids read")
                if label.outcome in wanted:
                    found[label.outcome] += 1
                    write([getattr(label, name) for name in _COLUMNS])
    return found


def _summary(found: Counter[str]) -> str:
    parts = [f"{found[each]:,} {each.replace('_', ' ')}" for each in Outcome if found[each]]
    return ", ".join([count(found.total(), "id"), *parts])


@contextmanager
def _sink(output: str | None, *, force: bool) -> Iterator[Sink]:
    if output is not None:
        with written("--output", output, force=force) as file:
            yield file
        return
    if isinstance(sys.stdout, TextIOWrapper):  # as in a file: see `written`
        sys.stdout.reconfigure(errors="backslashreplace")
    yield sys.stdout
