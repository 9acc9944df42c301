"""What is to be said? A notification from options, from a JSON file, or from both."""

import re
from collections.abc import Sequence
from datetime import datetime

from pushwoosh_async import Notification
from pushwoosh_async.cli.complaints import BadInputError, naming
from pushwoosh_async.cli.composing import Setting, composed, setting

MESSAGE = "--message"

# What the API itself reads; whether there is such a minute, the library asks.
_PLAIN = re.compile(r"now|\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?", re.ASCII)


def notification_of(
    *,
    content: str | None,
    title: str | None,
    send_date: str | None,
    path: str | None,
    audience: Sequence[Setting] = (),
) -> Notification:
    """Return the notification.

    Args:
        content: its text.
        title: its title.
        send_date: when it goes out; a time with an offset is one instant for everybody.
        path: a file of the API's JSON, for all the rest.
        audience: whom options send it to.

    Raises:
        BadInputError: there is no text, an option says what the file says too, or a rule is broken.
    """
    require_text(content, path)
    settings = [
        setting("content", content),
        setting("title", title),
        *schedule(send_date),
        *audience,
    ]
    return composed(Notification, settings, file_option=MESSAGE, path=path)


def require_text(content: str | None, path: str | None) -> None:
    """Refuse a message of which neither an option nor a file says anything.

    Raises:
        BadInputError: it is one.
    """
    if content is None and path is None:
        raise BadInputError(f"--content: give a text, or {MESSAGE} with a file")


def schedule(text: str | None) -> list[Setting]:
    """Return the settings of a date: a text with a time zone is the instant it names.

    Raises:
        BadInputError: it is in no form that a shell can give, or is no whole minute.
    """
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        if text is not None and not _PLAIN.fullmatch(text):
            raise BadInputError(
                "--send-date: must be 'now', 'YYYY-MM-DD HH:MM', or a time with an offset, such as "
                "'2030-01-31T09:00+01:00'"
            )
        return [setting("send_date", text)]
    with naming({"send_date": "--send-date"}):
        wire = Notification(send_date=moment).to_wire()
    return [Setting("--send-date", key, key, value) for key, value in wire.items()]
