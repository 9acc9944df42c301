"""What became of everybody? A run's report as a table for people and as JSON for machines. Pure."""

from typing import Any

from pushwoosh_async import ChunkOutcome, SendReport
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.words import count, duration, table

_NUMBERS = (
    "accepted", "rejected", "in_doubt", "not_sent", "invalid", "duplicates", "total",
    "accepted_on_repeat", "unknown_devices", "requests", "retries",
)  # fmt: skip
_LISTED = 10

IN_DOUBT = """\
In doubt: their request left, and no clear answer came back. They may have got the message, or not.
A repeat went out only under the same transaction id, and only while the server drops second copies
of it, so nobody gets it twice. To send to them again is to risk just that."""

# In words that fit a shell, where only a signal drains a run.
_REASONS = {"drained": "interrupted by a signal"}


def as_text(report: SendReport) -> str:
    """Return the report for people."""
    rows = {
        "accepted": f"{report.accepted:,}",
        "rejected": f"{report.rejected:,}",
        "in doubt": f"{report.in_doubt:,}",
        "not sent": f"{report.not_sent:,}",
        "invalid, set aside": f"{report.invalid:,}",
        "duplicates, set aside": f"{report.duplicates:,}",
        "unknown to the application": f"{report.unknown_devices:,}",
        "requests": f"{report.requests:,}",
        "retries": f"{report.retries:,}",
        "time": duration(report.seconds),
    }
    return "\n".join([table(rows), *_remarks(report)])


def _remarks(report: SendReport) -> list[str]:
    lines: list[str] = []
    if report.in_doubt_chunks:
        lines += ["", IN_DOUBT, *_listed(report.in_doubt_chunks)]
    if report.rejected_chunks:
        lines += ["", "Rejected: the API refused these, and nobody of them got the message."]
        lines += _listed(report.rejected_chunks)
    if report.not_sent or not report.input_complete:
        lines += ["", f"Not finished: {_reason(report)}. {_rest(report)}"]
    return lines


def _reason(report: SendReport) -> str:
    return printable(_REASONS.get(report.stopped, report.stopped))


def _rest(report: SendReport) -> str:
    if report.input_complete:
        who = ", ".join(
            f"{start + 1:,} to {stop:,}" for start, stop in report.not_sent_ranges[:_LISTED]
        )
        more = ", ..." if len(report.not_sent_ranges) > _LISTED else ""
        left = count(report.not_sent, "recipient was", "recipients were")
        return f"{left} not sent to: of the input's ids, number {who}{more}."
    read = count(report.not_sent, "id that was read", "ids that were read")
    return f"Not sent to: {read}, and every id that was not read."


def _listed(chunks: tuple[ChunkOutcome, ...]) -> list[str]:
    lines = [
        f"  ids {chunk.start + 1:,} to {chunk.stop:,} of the input, "
        f"transaction {chunk.transaction_id}: {printable(chunk.reason)}"
        for chunk in chunks[:_LISTED]
    ]
    if len(chunks) > _LISTED:
        lines.append(f"  and {count(len(chunks) - _LISTED, 'range')} more; --json lists all")
    return lines


def as_document(report: SendReport, *, exit_code: int, error: str | None) -> dict[str, Any]:
    """Return the report for machines: input ranges count from 0, and `stop` is not in them."""
    numbers = {name: getattr(report, name) for name in _NUMBERS}
    return {
        "not_sent_ranges": [list(pair) for pair in report.not_sent_ranges],
        **numbers,
        "input_complete": report.input_complete,
        "seconds": round(report.seconds, 3),
        "stopped": report.stopped,
        "rejected_chunks": [_document(chunk) for chunk in report.rejected_chunks],
        "in_doubt_chunks": [_document(chunk) for chunk in report.in_doubt_chunks],
        "exit_code": exit_code,
        "error": error,
    }


def _document(chunk: ChunkOutcome) -> dict[str, Any]:
    return {
        "start": chunk.start,
        "stop": chunk.stop,
        "recipients": chunk.recipients,
        "transaction_id": chunk.transaction_id,
        "attempts": chunk.attempts,
        "reason": chunk.reason,
    }
