"""What the API knows of one message: getMessageDetails."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class MessageDetails:
    """One message, with real types in place of the answer's texts [ES:692-712].

    None, or empty, where the answer did not hold it or held what cannot be read; `raw` has it then.

    Attributes:
        id: the message's number.
        code: its message code.
        created: when it was created; without a time zone, as the vendor names none.
        send_date: when it goes out, or went; likewise.
        status: such as ``"done"``; the vendor lists no others here.
        content: text by language; a bare text under ``""``.
        platforms: platform numbers, see `Platform`.
        ignore_user_timezone: see `Notification`.
        data: what was passed to the app.
        raw: the object as it came.
    """

    id: int | None
    code: str | None
    created: datetime | None
    send_date: datetime | None
    status: str | None
    content: Mapping[str, str]
    platforms: tuple[int, ...]
    ignore_user_timezone: bool | None
    data: Mapping[str, Any] | None
    raw: Mapping[str, Any] = field(repr=False)
