"""What did the API answer about one message? In words for people. Pure."""

import json
from collections.abc import Sequence

from pushwoosh_async import MessageDetails
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.words import count, listing, moment

_LISTED = 10
_NO_CODE = "none: the API gives none to fewer than ten devices at once; it cannot be looked up"


def receipt(code: str | None, transaction_id: str | None, unknown: Sequence[str] = ()) -> str:
    """Return what became of a message that was accepted.

    Args:
        code: its message code.
        transaction_id: the id it was sent with; None for an SMS.
        unknown: the ids that the application does not know.
    """
    rows = {"message code": _NO_CODE if code is None else printable(code)}
    if transaction_id is not None:
        rows["transaction id"] = printable(transaction_id)
    if unknown:
        more = ", ..." if len(unknown) > _LISTED else ""
        listed = ", ".join(map(printable, unknown[:_LISTED]))
        rows["not known"] = f"{count(len(unknown), 'id')}: {listed}{more}"
    return f"Accepted.\n{listing(rows)}"


def details_listing(details: MessageDetails) -> str:
    """Return what the API knows of a message."""
    rows = {
        "id": "" if details.id is None else str(details.id),
        "code": details.code or "",
        "status": details.status or "",
        "created": moment(details.created),
        "send date": moment(details.send_date),
        "platforms": ", ".join(map(str, details.platforms)),
    }
    for language, text in details.content.items():
        rows[f"content {language}".rstrip()] = text
    if details.data is not None:
        rows["data"] = json.dumps(details.data, ensure_ascii=False)
    return listing({printable(name): printable(value) or "-" for name, value in rows.items()})
