"""How does something to send come from options, from a JSON file, or from both?"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pushwoosh_async import SMS, Device, Notification, TargetedMessage
from pushwoosh_async.cli.complaints import BadInputError, in_options

Model = TypeVar("Model", Notification, TargetedMessage, SMS, Device)


class Setting(NamedTuple):
    """What an option says of a field.

    Attributes:
        option: as it is typed.
        argument: what the library calls the field.
        key: its name in the API's JSON.
        value: in the API's JSON; None where the option was not given.
    """

    option: str
    argument: str
    key: str
    value: object


def setting(name: str, value: object) -> Setting:
    """Return the setting of a field that has one name everywhere."""
    return Setting(f"--{name.replace('_', '-')}", name, name, value)


def composed(
    model: type[Model], settings: Sequence[Setting], *, file_option: str, path: str | None
) -> Model:
    """Return what options and a file say together.

    Args:
        model: what to make.
        settings: what the options say.
        file_option: the option that names the file.
        path: the file: the API's JSON of the model; None for none.

    Raises:
        BadInputError: the file cannot be read, an option says what the file says too, or a rule is
            broken.
    """
    given = {setting.key: setting for setting in settings if setting.value is not None}
    wire = {} if path is None else _read(file_option, path)
    for key in given.keys() & wire.keys():
        raise BadInputError(
            f"{given[key].option}: the file given as {file_option} sets {key!r} too"
        )
    try:
        made = model.from_wire(wire | {key: setting.value for key, setting in given.items()})
        made.validate()
    except (TypeError, ValueError) as error:
        complaint = str(error)
    else:
        return made
    blamed = settings if path is None else list(given.values())
    in_option = in_options(complaint, {setting.argument: setting.option for setting in blamed})
    if path is None or in_option != complaint:
        raise BadInputError(in_option)
    # Whoever holds a file does not know what the library calls the reading of it.
    complaint = complaint.replace("from_wire takes", f"{file_option} takes")
    raise BadInputError(f"{file_option} {path!r}: {complaint}")


def _read(option: str, path: str) -> dict[str, Any]:
    try:
        document = json.loads(Path(path).read_bytes())
    except OSError as error:
        complaint = error.strerror or "it cannot be read"
    except json.JSONDecodeError as error:
        complaint = f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
    except UnicodeDecodeError:
        complaint = "must be JSON in UTF-8"
    except (RecursionError, ValueError):  # a number of 5000 digits, a NUL character in the path
        complaint = "cannot be read as JSON"
    else:
        if isinstance(document, dict):
            return document
        complaint = "must hold one JSON object, with the API's own keys"
    raise BadInputError(f"{option} {path!r}: {complaint}")
