"""Which messages of the history could be those in doubt? For people and for machines. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pushwoosh_async import Evidence, ReconcileReport
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.history_text import COLUMNS, cells
from pushwoosh_async.cli.words import count, ids, moment

_LISTED = 10

NO_VERDICT = """\
Listed beside each range that is in doubt is what the account's history holds that could be its message.
That one is listed does not prove that it was sent; that none is listed does not prove that it was not.
The same message may be listed beside several ranges; it can belong to one of them only."""


def evidence_text(report: ReconcileReport) -> str:
    """Return what was found for people."""
    looked = f"{count(report.rows, 'message')} of the history looked at"
    if not report.evidence:
        return "Nobody is in doubt."
    lines = [NO_VERDICT, ""]
    for evidence in report.evidence[:_LISTED]:
        lines += _lines(evidence)
    if len(report.evidence) > _LISTED:
        more = count(len(report.evidence) - _LISTED, "range")
        lines.append(f"and {more} more; --json lists all")
    cut = f"; not all: {printable(report.cut_off)}" if report.cut_off else ""
    return "\n".join([*lines, "", f"{looked}{cut}."])


def _lines(evidence: Evidence) -> list[str]:
    where = f"{ids(evidence.start, evidence.stop)} of the input"
    which = f"transaction {evidence.transaction_id}, first tried {_when(evidence.began)}"
    lines = [f"{where}, {which}: {printable(evidence.reason)}"]
    if evidence.candidates:
        lines += _columns([COLUMNS, *map(cells, evidence.candidates[:_LISTED])])
    if len(evidence.candidates) > _LISTED:
        lines.append(f"  and {len(evidence.candidates) - _LISTED:,} more; --json lists all")
    if not evidence.candidates:
        lines.append("  nothing that could be it")
    if evidence.note:
        lines.append(f"  ({printable(evidence.note)})")
    return lines


def _when(began: float | None) -> str:
    if began is None:
        return "at a time that is not known"
    return f"at {moment(datetime.fromtimestamp(began, UTC))} UTC"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = (map(str.ljust, row, widths) for row in rows)
    return [f"  {'  '.join(cells)}".rstrip() for cells in padded]


def evidence_document(report: ReconcileReport) -> dict[str, Any]:
    """Return the same for machines: input ranges count from 0, and `stop` is not in them."""
    return {**document(report), "exit_code": 0, "error": None}
