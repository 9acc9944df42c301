"""What is to be said? A notification from options, from a JSON file, or from both."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pushwoosh_async import Notification
from pushwoosh_async.cli.complaints import BadInputError, naming

_OPTIONS = {"content": "--content", "title": "--title", "send_date": "--send-date"}


def notification_of(
    *, content: str | None, title: str | None, send_date: str | None, path: str | None
) -> Notification:
    """Return the notification.

    Raises:
        BadInputError: there is no text, an option says what the file says too, or a rule is broken.
    """
    if content is None and path is None:
        raise BadInputError("--content: give a text, or --message with a file")
    with naming(_OPTIONS):
        options = Notification(content=content, title=title, send_date=_moment(send_date)).to_wire()
    if path is None:
        return Notification.from_wire(options)
    wire = _read(path)
    for key in options.keys() & wire.keys():
        option = _OPTIONS.get(key, "--send-date")
        raise BadInputError(f"{option}: the file given as --message sets {key!r} too")
    return _from_file(path, wire | options)


def _moment(text: str | None) -> str | datetime | None:
    """Return a text with a time zone as the instant it names; anything else as it stands."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return text
    return text if moment.tzinfo is None else moment


def _from_file(path: str, wire: dict[str, Any]) -> Notification:
    try:
        notification = Notification.from_wire(wire)
        notification.validate()
    except (TypeError, ValueError) as error:
        complaint = str(error)
    else:
        return notification
    raise BadInputError(f"--message {path!r}: {complaint}")


def _read(path: str) -> dict[str, Any]:
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
        complaint = "must hold one JSON object: the notification's own keys"
    raise BadInputError(f"--message {path!r}: {complaint}")
