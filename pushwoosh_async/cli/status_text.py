"""How far is a run of which only a journal tells? For people and for machines. Pure."""

from typing import Any

from pushwoosh_async import RunStatus
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.progress_text import pace, sent, trouble
from pushwoosh_async.cli.report_text import GONE_ON, RECALLED, TAKEN_BACK, why_ended
from pushwoosh_async.cli.words import duration, sentence


def status_text(status: RunStatus) -> str:
    """Return it in two lines, and others where there is more to say."""
    progress = status.progress
    how_far = pace(progress) if status.running else sent(progress)
    lines = [_state(status), f"  {how_far}; {printable(trouble(progress, ''))}"]
    if status.recalled:
        lines.append(f"  {RECALLED}  {status.recalled:,}")
        lines += [] if status.finished else [TAKEN_BACK]
    elif progress.in_doubt and _was_killed(status):
        lines.append(f"In doubt: {GONE_ON[0].lower()}{GONE_ON[1:]}")
    return "\n".join(lines)


def _was_killed(status: RunStatus) -> bool:
    return not (status.running or status.finished or status.stopped)


def _state(status: RunStatus) -> str:
    if status.running:
        return f"Running: process {status.process}, as of {duration(status.age)} ago."
    if status.finished:
        return "Finished."
    return f"Not finished: {sentence(printable(why_ended(status.stopped)))}"


def status_document(status: RunStatus) -> dict[str, Any]:
    """Return it for machines."""
    progress = status.progress
    return {
        "running": status.running,
        "process": status.process,
        "age": round(status.age, 3),
        "finished": status.finished,
        "stopped": status.stopped,
        "recalled": status.recalled,
        "progress": {
            **document(progress),
            "rate": progress.rate,
            "seconds_left": progress.seconds_left,
        },
        "exit_code": 0,
        "error": None,
    }
