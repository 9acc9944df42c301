"""Which number does a command end with? One list of codes, for the help and for scripts."""

from collections.abc import Mapping
from enum import IntEnum

from pushwoosh_async import (
    ConfigurationError,
    Delivery,
    InputChangedError,
    JournalError,
    JournalLockedError,
    PushwooshError,
    RecallReport,
    SendReport,
)


class ExitCode(IntEnum):
    """What a script can branch on. Of several that apply, the lowest line of the table counts."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    REJECTED = 3
    IN_DOUBT = 4
    STOPPED = 5
    LOCKED = 6
    CHANGED = 7
    JOURNAL = 8
    CANCELLED = 130


# Of ``send`` and ``resume``, whose recipients end one way or another.
MEANINGS = {
    ExitCode.DONE: "every valid, unique recipient was accepted",
    ExitCode.FAILED: "an error of this program, or of the machine",
    ExitCode.BAD_INPUT: "wrong use or bad input; nothing was sent",
    ExitCode.REJECTED: "finished; the API rejected some, who got nothing",
    ExitCode.IN_DOUBT: "finished; some are in doubt: they may have got it",
    ExitCode.STOPPED: "ended early; some were not sent to",
    ExitCode.LOCKED: "another process uses the journal; nothing was sent",
    ExitCode.CHANGED: "the journal is of another send; nothing was sent",
    ExitCode.JOURNAL: "the journal cannot be used, or written any more",
    ExitCode.CANCELLED: "cancelled by a second signal",
}

# Where a command has a journal, a script has to know whether to try again.
_AGAIN = """
\b
With a journal the same line again
  goes on                 after 1, 5, 6, 130, a kill or a power cut
  sends nothing more      after 0, 3, 4
  ends in the same way    after 2, 7, 8, until what it names is mended"""

# Of the commands that make a single call.
CALL_MEANINGS = {
    ExitCode.DONE: "the API accepted it",
    ExitCode.FAILED: "an error of this program, or of the machine",
    ExitCode.BAD_INPUT: "wrong use or bad input; the API was not asked",
    ExitCode.REJECTED: "the API rejected it; nothing was sent or changed",
    ExitCode.IN_DOUBT: "no clear answer; it may have been sent or done",
    ExitCode.STOPPED: "it did not get through; nothing was sent or changed",
    ExitCode.CANCELLED: "cancelled by a signal; it may have been sent or done",
}

# Of ``recall``.
RECALL_MEANINGS = {
    ExitCode.DONE: "every message was cancelled, or none was accepted",
    ExitCode.FAILED: "an error of this program, or of the machine",
    ExitCode.BAD_INPUT: "wrong use, or nothing to recall; the API was not asked",
    ExitCode.REJECTED: "some were too late: their message had gone out",
    ExitCode.IN_DOUBT: "some may still go out: no code, or no clear answer",
    ExitCode.STOPPED: "ended early; the same line again goes on",
    ExitCode.LOCKED: "another process uses the journal",
    ExitCode.JOURNAL: "the journal cannot be used, or written any more",
    ExitCode.CANCELLED: "cancelled by a signal; the same line again goes on",
}

# Of ``reconcile``.
RECONCILE_MEANINGS = {
    ExitCode.DONE: "what there is, is listed",
    ExitCode.FAILED: "an error of this program, or of the machine",
    ExitCode.BAD_INPUT: "wrong use or bad input; the API was not asked",
    ExitCode.STOPPED: "the history could not be read",
    ExitCode.LOCKED: "another process uses the journal",
    ExitCode.JOURNAL: "the journal cannot be used",
    ExitCode.CANCELLED: "cancelled by a signal",
}

# Of the commands that ask nobody but a journal: ``status``, ``report``, ``export``, ...
JOURNAL_MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "an error of this program, or of the machine",
    ExitCode.BAD_INPUT: "wrong use or bad input",
    ExitCode.LOCKED: "another process uses the journal",
    ExitCode.CHANGED: "the ids given are not those of the journal",
    ExitCode.JOURNAL: "the journal cannot be used",
    ExitCode.CANCELLED: "cancelled by a signal",
}

# Of ``probe``, which asks many calls.
PROBE_MEANINGS = {
    ExitCode.DONE: "asked, and no answer contradicts an assumption",
    ExitCode.FAILED: "one does; or an error of this program, or of the machine",
    ExitCode.BAD_INPUT: "wrong use or bad input; nothing was sent",
    ExitCode.STOPPED: "nothing could be asked, or the token or application was refused",
    ExitCode.CANCELLED: "cancelled by a signal; what was learnt is shown",
}

_BY_DELIVERY: dict[Delivery, ExitCode] = {
    "not_sent": ExitCode.STOPPED,
    "rejected": ExitCode.REJECTED,
    "in_doubt": ExitCode.IN_DOUBT,
}


def _epilog(meanings: Mapping[ExitCode, str]) -> str:
    # \b keeps the help from folding the lines of a paragraph into one.
    lines = [f"  {code.value:>3}  {meaning}" for code, meaning in meanings.items()]
    return "\n".join(["\b", "Exit codes:", *lines])


EPILOG = _epilog(MEANINGS) + _AGAIN
CALL_EPILOG = _epilog(CALL_MEANINGS)
PROBE_EPILOG = _epilog(PROBE_MEANINGS)
RECALL_EPILOG = _epilog(RECALL_MEANINGS)
RECONCILE_EPILOG = _epilog(RECONCILE_MEANINGS)
JOURNAL_EPILOG = _epilog(JOURNAL_MEANINGS)


def code_of_call(error: PushwooshError) -> ExitCode:
    """Return how a single call that failed ended: what became of it, not which error it was."""
    return _BY_DELIVERY[error.delivery]


def code_of_refusal(error: PushwooshError) -> ExitCode:
    """Return how a command ends that an error, or a journal, did not let go on."""
    if isinstance(error, JournalLockedError):
        return ExitCode.LOCKED
    if isinstance(error, JournalError):
        return ExitCode.JOURNAL
    return ExitCode.CHANGED if isinstance(error, InputChangedError) else ExitCode.STOPPED


def code_of(
    report: SendReport, error: Exception | None, *, cancelled: bool, begun: bool
) -> ExitCode:
    """Return how a run ended.

    Args:
        report: of all its sessions.
        error: that ended this one.
        cancelled: whether it was cancelled by a signal.
        begun: whether this session made a request.
    """
    if cancelled:
        return ExitCode.CANCELLED
    if isinstance(error, ConfigurationError) and not begun:
        return ExitCode.BAD_INPUT
    if error is not None and not isinstance(error, PushwooshError):
        return ExitCode.FAILED
    if error is not None:
        return code_of_refusal(error)
    # Whoever is in doubt now stays so: a run drains its doubts to the end of their window.
    if report.not_sent or not report.input_complete:
        return ExitCode.STOPPED
    if report.in_doubt:
        return ExitCode.IN_DOUBT
    return ExitCode.REJECTED if report.rejected else ExitCode.DONE


def code_of_recall(report: RecallReport) -> ExitCode:
    """Return how a recall ended."""
    if report.unknown or report.no_code or report.in_doubt:
        return ExitCode.IN_DOUBT
    return ExitCode.REJECTED if report.too_late else ExitCode.DONE
