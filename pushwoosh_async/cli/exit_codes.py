"""Which number does a command end with? One list of codes, for the help and for scripts."""

from collections.abc import Mapping
from enum import IntEnum

from pushwoosh_async import ConfigurationError, Delivery, PushwooshError, SendReport


class ExitCode(IntEnum):
    """What a script can branch on. Of several that apply, the lowest line of the table counts."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    REJECTED = 3
    IN_DOUBT = 4
    STOPPED = 5
    CANCELLED = 130


# Of ``send``, whose recipients end one way or another.
MEANINGS = {
    ExitCode.DONE: "every valid, unique recipient was accepted",
    ExitCode.FAILED: "an error of this program, or of the machine",
    ExitCode.BAD_INPUT: "wrong use or bad input; nothing was sent",
    ExitCode.REJECTED: "finished; the API rejected some, who got nothing",
    ExitCode.IN_DOUBT: "finished; some are in doubt: they may have got it",
    ExitCode.STOPPED: "ended early; some were not sent to",
    ExitCode.CANCELLED: "cancelled by a second signal",
}

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


EPILOG = _epilog(MEANINGS)
CALL_EPILOG = _epilog(CALL_MEANINGS)
PROBE_EPILOG = _epilog(PROBE_MEANINGS)


def code_of_call(error: PushwooshError) -> ExitCode:
    """Return how a single call that failed ended: what became of it, not which error it was."""
    return _BY_DELIVERY[error.delivery]


def code_of(report: SendReport, error: Exception | None, *, cancelled: bool) -> ExitCode:
    """Return how a run ended."""
    if cancelled:
        return ExitCode.CANCELLED
    if isinstance(error, ConfigurationError) and report.requests == 0:
        return ExitCode.BAD_INPUT
    if error is not None and not isinstance(error, PushwooshError):
        return ExitCode.FAILED
    if error is not None or report.not_sent or not report.input_complete:
        return ExitCode.STOPPED
    if report.in_doubt:
        return ExitCode.IN_DOUBT
    return ExitCode.REJECTED if report.rejected else ExitCode.DONE
