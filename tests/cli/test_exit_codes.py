"""A script can branch on the exit code."""

import pytest

from pushwoosh_async import ConfigurationError, RunStoppedError, SendReport
from pushwoosh_async.cli.exit_codes import EPILOG, MEANINGS, ExitCode, code_of

from .conftest import Shell

STOPPED = RunStoppedError("stopped", report=SendReport())


@pytest.mark.parametrize(
    ("report", "error", "code"),
    [
        (SendReport(), None, ExitCode.DONE),
        (SendReport(accepted=9, invalid=1, duplicates=1), None, ExitCode.DONE),
        (SendReport(accepted=9, rejected=1), None, ExitCode.REJECTED),
        (SendReport(accepted=9, rejected=1, in_doubt=1), None, ExitCode.IN_DOUBT),
        (SendReport(accepted=9, in_doubt=1, not_sent=1), None, ExitCode.STOPPED),
        (SendReport(accepted=9, input_complete=False), None, ExitCode.STOPPED),
        (SendReport(accepted=9, stopped="the deadline"), None, ExitCode.DONE),
        (SendReport(not_sent=9, requests=1), STOPPED, ExitCode.STOPPED),
        (SendReport(), ConfigurationError("users[0]: bad"), ExitCode.BAD_INPUT),
        (SendReport(accepted=9, requests=1), ConfigurationError("x: bad"), ExitCode.STOPPED),
        (SendReport(accepted=9, requests=1), ZeroDivisionError(), ExitCode.FAILED),
    ],
)
def test_the_code_tells_how_it_ended(
    report: SendReport, error: Exception | None, code: ExitCode
) -> None:
    """Of several that apply, the lowest line of the table."""
    assert code_of(report, error, cancelled=False) is code
    assert code_of(report, error, cancelled=True) is ExitCode.CANCELLED


def test_the_help_lists_every_code(shell: Shell) -> None:
    """The table of the help is the table of the code."""
    assert set(MEANINGS) == set(ExitCode)
    shown = shell(None, "send", "--help").out
    for line in EPILOG.splitlines()[1:]:
        assert line.strip() in shown
