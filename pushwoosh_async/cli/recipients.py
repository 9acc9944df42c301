"""Who is sent what? As options say, or as a journal remembers it."""

import json
import re

from pushwoosh_async import IdFile, Notification, RunRecord, read_ids
from pushwoosh_async.cli.complaints import BadInputError, naming
from pushwoosh_async.cli.mailing import Kind, Mailing, OneForAll
from pushwoosh_async.cli.personalising import personalised, personalised_again
from pushwoosh_async.cli.run_options import PLACEHOLDER
from pushwoosh_async.cli.text_input import STANDARD_INPUT
from pushwoosh_async.cli.typed_file import TypedFile

# What a journal calls the kind of a run whose notifications differ, each with its own recipients.
_RECIPIENTS = "recipients"


def is_of_each(run: RunRecord) -> bool:
    """Tell whether each notification of a run has its own content."""
    return run.kind == _RECIPIENTS


def mailing_of(notification: Notification, file: TypedFile, *, option: str) -> Mailing:
    """Return what the options say.

    Args:
        notification: what is sent; a template, where there are placeholders.
        file: of the recipients.
        option: that gave the notification, for errors.

    Raises:
        BadInputError: the file cannot be read, or cannot be read so.
    """
    if file.placeholders:
        with naming({"notification": option}):
            return personalised(notification, file)
    kind, path = file.audience()
    return OneForAll(notification, kind, _ids_of(kind, path, file))


def mailing_again(run: RunRecord, file: TypedFile) -> Mailing:
    """Return what a run sends, once more: to the file that is typed, else to that of its journal.

    Raises:
        BadInputError: the file cannot be read; or none is typed, and the journal names none.
        ConfigurationError: the journal's notification is none.
    """
    if is_of_each(run):
        return personalised_again(run, file)
    kind: Kind = "devices" if run.kind == "devices" else "users"
    return OneForAll(Notification.from_wire(run.notification), kind, _ids_again(run, kind, file))


def _ids_again(run: RunRecord, kind: Kind, file: TypedFile) -> IdFile:
    if not file.is_there:
        file.require_nothing_else()
        return _as_remembered(run)
    typed, path = file.audience()
    if typed != kind:
        raise BadInputError(f"--{typed}: the journal is of {kind}")
    if file.placeholders:
        raise BadInputError(f"{PLACEHOLDER}: the journal is of one message for all")
    return _ids_of(kind, path, file)


def _ids_of(kind: Kind, path: str, file: TypedFile) -> IdFile:
    with naming(file.names(kind)):
        return read_ids(
            path,
            column=_column_of(file.column),
            field=file.field,
            format=None if file.format is None else file.format.value,
        )


def _column_of(text: str | None) -> str | int | None:
    """Return a column's name, or its index where the text is a number."""
    return int(text) if text is not None and re.fullmatch("[0-9]{1,4}", text) else text


def _as_remembered(run: RunRecord) -> IdFile:
    option = f"--{run.kind}"
    if not run.source:
        raise BadInputError(f"{option}: give the file of ids; the journal does not name it")
    arguments = json.loads(run.source)
    if arguments["path"] == STANDARD_INPUT:
        raise BadInputError(f"{option}: give the ids again; they came from standard input")
    with naming({"path": option}):
        return read_ids(**arguments)
