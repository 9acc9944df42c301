"""Which file of recipients was typed, and how is it to be read?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.mailing import Kind
from pushwoosh_async.cli.run_options import PLACEHOLDER, Format


@dataclass(frozen=True)
class TypedFile:
    """What the options say of a file of recipients.

    Attributes:
        users: the path of a file of users.
        devices: the path of a file of devices instead.
        column: of the ids, in CSV.
        field: of the ids, in JSON lines.
        placeholders: ``"NAME=COLUMN"``, or ``"NAME"`` where the column is called so.
        format: what the file is, where its name does not say so.
        format_option: as which `format` is typed.
    """

    users: str | None
    devices: str | None
    column: str | None
    field: str | None
    placeholders: Sequence[str] | None
    format: Format | None
    format_option: str = "--format"

    @property
    def is_there(self) -> bool:
        """Whether a file was typed."""
        return self.users is not None or self.devices is not None

    def audience(self) -> tuple[Kind, str]:
        """Return what the file holds, and its path.

        Raises:
            BadInputError: both kinds are given, or neither.
        """
        if self.users is not None and self.devices is not None:
            raise BadInputError("--devices: give it or --users, not both")
        if self.users is not None:
            return "users", self.users
        if self.devices is not None:
            return "devices", self.devices
        raise BadInputError("--users: give a file of user ids, or --devices with a file of devices")

    def names(self, kind: Kind) -> dict[str, str]:
        """Return the option by the argument of the library's functions that read it, for errors."""
        return {
            "path": f"--{kind}",
            "column": "--column",
            "field": "--field",
            "format": self.format_option,
            "placeholders": PLACEHOLDER,
        }

    def columns(self) -> dict[str, str]:
        """Return the column, or field, of each placeholder.

        Raises:
            BadInputError: one is written otherwise, or given twice.
        """
        columns: dict[str, str] = {}
        for text in self.placeholders or ():
            name, equals, column = text.partition("=")
            if not name or (equals and not column):
                raise BadInputError(f"{PLACEHOLDER}: must be NAME=COLUMN")
            if name in columns:
                raise BadInputError(f"{PLACEHOLDER}: {name!r} is given twice")
            columns[name] = column if equals else name
        return columns

    def require_nothing_else(self) -> None:
        """Refuse how a file is to be read, where none was typed.

        Raises:
            BadInputError: something is said of it.
        """
        for option in self._said():
            raise BadInputError(f"{option}: give it with --users or --devices")

    def _said(self) -> Iterator[str]:
        for option, given in (
            ("--column", self.column),
            ("--field", self.field),
            (PLACEHOLDER, self.placeholders or None),
            (self.format_option, self.format),
        ):
            if given is not None:
                yield option
