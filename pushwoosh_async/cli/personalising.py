"""Which texts are meant for whom? The columns of a file that fill a message's placeholders."""

import json
from collections.abc import Callable
from typing import Any

from pushwoosh_async import (
    AsyncPersonalised,
    Notification,
    RowFile,
    RunRecord,
    personalise,
    read_rows,
)
from pushwoosh_async.cli.complaints import BadInputError, naming
from pushwoosh_async.cli.filling import check_places
from pushwoosh_async.cli.mailing import OneForEach
from pushwoosh_async.cli.run_options import PLACEHOLDER
from pushwoosh_async.cli.text_input import STANDARD_INPUT
from pushwoosh_async.cli.typed_file import TypedFile


def personalised(template: Notification, file: TypedFile) -> OneForEach:
    """Return a notification for each row of the file that was typed.

    Raises:
        BadInputError: it cannot be read, or cannot be read so; or the template has no place for one of
            its texts.
        ConfigurationError: the template cannot be one.
    """
    kind, path = file.audience()
    rows = _rows_of(file)
    check_places(template, rows.placeholders)
    return OneForEach(personalise(template, rows, by=kind), path)


def personalised_again(run: RunRecord, file: TypedFile) -> OneForEach:
    """Return a run's notifications once more: of the file that is typed, else of that of its journal.

    Raises:
        BadInputError: it cannot be read, or cannot be read so; or the journal does not tell how the
            notifications were made.
    """
    kind, remembered = _kind_and_path(run)
    option = f"--{kind}"
    if file.is_there:
        typed, path = file.audience()
        if typed != kind:
            raise BadInputError(f"--{typed}: the journal is of {kind}")
        if not file.placeholders:
            raise BadInputError(
                f"{PLACEHOLDER}: give it, too; the journal is of a personalised send"
            )
        rows = _rows_of(file)
        return OneForEach(_made(run, option, lambda **_: rows), path)
    file.require_nothing_else()
    if remembered == STANDARD_INPUT:
        raise BadInputError(f"{option}: give the rows again; they came from standard input")
    return OneForEach(_made(run, option, read_rows), remembered)


def _made(run: RunRecord, option: str, read: Callable[..., Any]) -> AsyncPersonalised:
    with naming({"path": option}):
        return AsyncPersonalised.from_recipe(run.source, read)


def _kind_and_path(run: RunRecord) -> tuple[str, str]:
    match _object_in(run.source):
        case {"personalise": {"by": str(kind)}, "path": str(path)}:
            return kind, path
    raise BadInputError(
        "JOURNAL: each message of its run is another, and how they were made is not in it; only the "
        "program that began it can make them again"
    )


def _object_in(recipe: str) -> object:
    try:
        return json.loads(recipe)
    except ValueError:  # none, or a program's own
        return None


def _rows_of(file: TypedFile) -> RowFile:
    kind, path = file.audience()
    if file.column is None and file.field is None:
        raise BadInputError(
            f"{PLACEHOLDER}: give --column or --field, too, which says where the ids are"
        )
    # A file in which nothing but ids is read may be of lines: the library says that this one is not.
    form: Any = None if file.format is None else file.format.value
    with naming(file.names(kind)):
        return read_rows(
            path,
            placeholders=file.columns(),
            column=file.column,
            field=file.field,
            format=form,
        )
