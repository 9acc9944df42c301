"""Which number does a command end with? One table, for the code, the help and the scripts."""

from enum import IntEnum

from pushwoosh_async import ConfigurationError, PushwooshError, SendReport


class ExitCode(IntEnum):
    """What a script can branch on. Of several that apply, the lowest line of the table counts."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    REJECTED = 3
    IN_DOUBT = 4
    STOPPED = 5
    CANCELLED = 130


MEANINGS = {
    ExitCode.DONE: "every valid, unique recipient was accepted",
    ExitCode.FAILED: "an error of this program, or of the machine",
    ExitCode.BAD_INPUT: "wrong use or bad input; nothing was sent",
    ExitCode.REJECTED: "finished; the API rejected some, who got nothing",
    ExitCode.IN_DOUBT: "finished; some are in doubt: they may have got it",
    ExitCode.STOPPED: "ended early; some were not sent to",
    ExitCode.CANCELLED: "cancelled by a second signal",
}

# \b keeps the help from folding the lines of a paragraph into one.
EPILOG = "\b\nExit codes:\n" + "\n".join(
    f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items()
)


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
