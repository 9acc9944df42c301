"""Whose ids are they, and how is their file read? From options, or as a journal remembers it."""

import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Sequence, Sized
from typing import Literal

from pushwoosh_async import IdFile, RunRecord, read_ids
from pushwoosh_async.cli.complaints import BadInputError, naming
from pushwoosh_async.cli.run_options import Format
from pushwoosh_async.cli.text_input import STANDARD_INPUT

Kind = Literal["users", "devices"]

_NAMES = {"column": "--column", "field": "--field"}


class CountedIds(AsyncIterable[Sequence[str]], Sized):
    """Ids of which it is known how many there are: so the time left can be told, and who was left out."""

    def __init__(self, ids: IdFile, number: int) -> None:
        self._ids = ids
        self._number = number

    def __len__(self) -> int:
        return self._number

    def __aiter__(self) -> AsyncIterator[Sequence[str]]:
        return aiter(self._ids)

    @property
    def recipe(self) -> str:
        """How the file is read: see `IdFile`."""
        return self._ids.recipe

    async def fingerprint(self) -> str:
        """Return what tells the file from a changed one: see `IdFile`."""
        return await self._ids.fingerprint()


def audience_of(users: str | None, devices: str | None) -> tuple[Kind, str]:
    """Return what the file holds, and the file.

    Raises:
        BadInputError: both are given, or neither.
    """
    if users is not None and devices is not None:
        raise BadInputError("--devices: give it or --users, not both")
    if users is not None:
        return "users", users
    if devices is not None:
        return "devices", devices
    raise BadInputError("--users: give a file of user ids, or --devices with a file of devices")


def ids_of(
    kind: Kind,
    path: str,
    *,
    column: str | None,
    field: str | None,
    format: Format | None,  # noqa: A002 -- the option's name
    format_option: str = "--format",
) -> IdFile:
    """Return the ids of the file that was typed.

    Args:
        kind: what it holds; also the name of the option that named it.
        path: the file.
        column: of CSV; a number is an index.
        field: of JSON lines.
        format: what the file is, where its name does not say so.
        format_option: as which `format` is typed.

    Raises:
        BadInputError: it cannot be read, or cannot be read so.
    """
    with naming({**_NAMES, "path": f"--{kind}", "format": format_option}):
        return read_ids(
            path,
            column=_column_of(column),
            field=field,
            format=None if format is None else format.value,
        )


def _column_of(text: str | None) -> str | int | None:
    """Return a column's name, or its index where the text is a number."""
    return int(text) if text is not None and re.fullmatch("[0-9]{1,4}", text) else text


def ids_again(
    run: RunRecord,
    *,
    users: str | None,
    devices: str | None,
    column: str | None,
    field: str | None,
    format: Format | None,  # noqa: A002 -- the option's name
    format_option: str = "--format",
) -> tuple[Kind, IdFile]:
    """Return a run's ids once more: of the file that is typed, else of the one that its journal names.

    Args:
        run: what the journal knows.
        users: the file of users that is typed.
        devices: the file of devices instead.
        column: how the typed file is read, as `ids_of` takes it.
        field: the same.
        format: the same.
        format_option: the same.

    Raises:
        BadInputError: the file cannot be read; or none is typed, and the journal names none.
    """
    if users is not None or devices is not None:
        kind, path = audience_of(users, devices)
        if kind != run.kind:
            raise BadInputError(f"--{kind}: the journal is of {run.kind}")
        ids = ids_of(
            kind, path, column=column, field=field, format=format, format_option=format_option
        )
        return kind, ids
    for option, given in (("--column", column), ("--field", field), (format_option, format)):
        if given is not None:
            raise BadInputError(f"{option}: give it with --users or --devices")
    return ("devices" if run.kind == "devices" else "users"), _as_remembered(run)


def _as_remembered(run: RunRecord) -> IdFile:
    option = f"--{run.kind}"
    if not run.source:
        raise BadInputError(f"{option}: give the file of ids; the journal does not name it")
    arguments = json.loads(run.source)
    if arguments["path"] == STANDARD_INPUT:
        raise BadInputError(f"{option}: give the ids again; they came from standard input")
    with naming({"path": option}):
        return read_ids(**arguments)
