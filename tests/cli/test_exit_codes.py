"""A script can branch on the exit code."""

import pytest

from pushwoosh_async import (
    ConfigurationError,
    Delivery,
    RunStoppedError,
    SendReport,
    TransportError,
)
from pushwoosh_async.cli.exit_codes import (
    CALL_EPILOG,
    CALL_MEANINGS,
    EPILOG,
    MEANINGS,
    ExitCode,
    code_of,
    code_of_call,
)

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


@pytest.mark.parametrize(
    ("delivery", "code"),
    [
        ("rejected", ExitCode.REJECTED),
        ("in_doubt", ExitCode.IN_DOUBT),
        ("not_sent", ExitCode.STOPPED),
    ],
)
def test_the_code_of_a_call_tells_what_became_of_it(delivery: Delivery, code: ExitCode) -> None:
    """Whichever error it was."""
    assert code_of_call(TransportError("lost", delivery=delivery)) is code


@pytest.mark.parametrize(
    ("command", "epilog", "meanings"),
    [("send", EPILOG, MEANINGS), ("create-message", CALL_EPILOG, CALL_MEANINGS)],
)
def test_the_help_lists_every_code(
    shell: Shell, command: str, epilog: str, meanings: dict[ExitCode, str]
) -> None:
    """The table of the help is the table of the code."""
    assert set(meanings) == set(ExitCode)
    shown = shell(None, command, "--help").out
    for line in epilog.splitlines()[1:]:
        assert line.strip() in shown
