"""What became of a scheduled run that was taken back? For people and for machines. Pure."""

from typing import Any

from pushwoosh_async import RecallEntry, RecallReport
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.words import count, ids, table

_LISTED = 10

_LABELS = {
    "cancelled": "cancelled",
    "too_late": "too late, had gone out",
    "unknown": "unknown",
    "no_code": "without a message code",
    "in_doubt": "in doubt",
}


def recall_text(report: RecallReport) -> str:
    """Return the report for people, in recipients; below them what was not cancelled."""
    if report.total == 0:
        return "There was nothing to cancel: no message of the send was accepted."
    rows = {label: f"{getattr(report, name):,}" for name, label in _LABELS.items()}
    lines = [table(rows)]
    if report.entries:
        lines += ["", "Not cancelled:", *map(_line, report.entries[:_LISTED])]
    if len(report.entries) > _LISTED:
        more = count(len(report.entries) - _LISTED, "range")
        lines.append(f"  and {more} more; --json lists all")
    return "\n".join(lines)


def _line(entry: RecallEntry) -> str:
    code = f", message {printable(entry.message_code)}" if entry.message_code else ""
    return (
        f"  {ids(entry.start, entry.stop)} of the input, transaction "
        f"{entry.transaction_id}{code}: {_LABELS[entry.result]}: {printable(entry.reason)}"
    )


def recall_document(report: RecallReport, *, exit_code: int) -> dict[str, Any]:
    """Return the report for machines: input ranges count from 0, and `stop` is not in them."""
    return {
        **document(report),
        "total": report.total,
        "exit_code": exit_code,
        "error": None,
    }
