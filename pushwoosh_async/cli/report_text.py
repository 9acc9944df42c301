"""What became of everybody? A run's report as a table for people and as JSON for machines. Pure."""

from typing import Any

from pushwoosh_async import ChunkOutcome, RunRecord, SendReport
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.words import count, duration, ids, numbers, sentence, table

_NUMBERS = (
    "accepted", "rejected", "in_doubt", "not_sent", "invalid", "duplicates", "total",
    "accepted_on_repeat", "unknown_devices", "requests", "retries",
)  # fmt: skip
_LISTED = 10

IN_DOUBT = """\
In doubt: their request left, and no clear answer came back. They may have got the message, or not.
A repeat went out only under the same transaction id, and only while the server drops second copies
of it, so nobody gets it twice. To send to them again is to risk just that."""

COUNTED = "Positions in the input are counted from 1."
COUNTED_IN_EACH = (
    "Positions are counted from 1, message by message: the order is not that of the file."
)
GONE_ON = "Going on within a few minutes of the kill settles most of them."
RECALLED = "cancelled since by recall"
TAKEN_BACK = "It is not gone on with: a recall has cancelled messages of it."

_KILLED = "its process was killed"
# In words that fit a shell, where only a signal drains a run.
_REASONS = {"drained": "interrupted by a signal"}


def as_text(
    report: SendReport, *, recalled: int = 0, settles: bool = False, of_each: bool = False
) -> str:
    """Return the report for people.

    Args:
        report: of the run.
        recalled: how many of the accepted a recall has cancelled since.
        settles: whether going on may settle who is in doubt, see `may_settle`.
        of_each: whether each message had its own text.
    """
    rows = {
        "accepted": f"{report.accepted:,}",
        **({RECALLED: f"{recalled:,}"} if recalled else {}),
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
    counted = COUNTED_IN_EACH if of_each else COUNTED
    return "\n".join([table(rows), *_remarks(report, counted, settles=settles)])


def _remarks(report: SendReport, counted: str, *, settles: bool) -> list[str]:
    lines: list[str] = []
    if report.in_doubt_chunks:
        lines += ["", IN_DOUBT]
        lines += [GONE_ON] if settles else []
        lines += _listed(report.in_doubt_chunks)
    if report.rejected_chunks:
        lines += ["", "Rejected: the API refused these, and nobody of them got the message."]
        lines += _listed(report.rejected_chunks)
    if report.not_sent or not report.input_complete:
        why = printable(why_ended(report.stopped))
        lines += ["", f"Not finished: {sentence(why)} {_rest(report)}"]
    left = report.input_complete and report.not_sent_ranges
    if report.in_doubt_chunks or report.rejected_chunks or left:
        lines += ["", counted]
    return lines


def why_ended(stopped: str) -> str:
    """Return in words why a run ended early, as its report or its status has it."""
    # Only a process that was killed leaves no reason behind.
    return _REASONS.get(stopped, stopped) or _KILLED


def may_settle(run: RunRecord) -> bool:
    """Tell whether the run's latest session died, so that its doubts may be young enough to repeat."""
    return not (run.finished or run.report.stopped or run.recalled or run.salvaged)


def _rest(report: SendReport) -> str:
    if report.input_complete:
        who = ", ".join(numbers(*each) for each in report.not_sent_ranges[:_LISTED])
        more = ", ..." if len(report.not_sent_ranges) > _LISTED else ""
        left = count(report.not_sent, "recipient was", "recipients were")
        return f"{left} not sent to: of the input's ids, number {who}{more}."
    read = count(report.not_sent, "id that was read", "ids that were read")
    return f"Not sent to: {read}, and every id that was not read."


def _listed(chunks: tuple[ChunkOutcome, ...]) -> list[str]:
    lines = [
        f"  {ids(chunk.start, chunk.stop)} of the input, "
        f"transaction {chunk.transaction_id}: {printable(chunk.reason)}"
        for chunk in in_order(chunks)[:_LISTED]
    ]
    if len(chunks) > _LISTED:
        lines.append(f"  and {count(len(chunks) - _LISTED, 'range')} more; --json lists all")
    return lines


def in_order(chunks: tuple[ChunkOutcome, ...]) -> list[ChunkOutcome]:
    """Return chunks in the order of the input; a report has them in that of their ends."""
    return sorted(chunks, key=lambda chunk: chunk.start)


def as_document(report: SendReport, *, exit_code: int, error: str | None) -> dict[str, Any]:
    """Return the report for machines: input ranges count from 0, and `stop` is not in them."""
    counts = {name: getattr(report, name) for name in _NUMBERS}
    return {
        "not_sent_ranges": [list(pair) for pair in report.not_sent_ranges],
        **counts,
        "input_complete": report.input_complete,
        "seconds": round(report.seconds, 3),
        "stopped": report.stopped,
        "rejected_chunks": [_document(chunk) for chunk in in_order(report.rejected_chunks)],
        "in_doubt_chunks": [_document(chunk) for chunk in in_order(report.in_doubt_chunks)],
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
