"""A script can branch on the exit code."""

import pytest

from pushwoosh_async import (
    ConfigurationError,
    Delivery,
    InputChangedError,
    JournalError,
    JournalLockedError,
    RecallReport,
    RunStoppedError,
    SendReport,
    TransportError,
)
from pushwoosh_async.cli.exit_codes import (
    CALL_EPILOG,
    CALL_MEANINGS,
    EPILOG,
    JOURNAL_EPILOG,
    JOURNAL_MEANINGS,
    MEANINGS,
    RECALL_EPILOG,
    RECALL_MEANINGS,
    RECONCILE_EPILOG,
    RECONCILE_MEANINGS,
    ExitCode,
    code_of,
    code_of_call,
    code_of_recall,
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
        (SendReport(), JournalLockedError("used"), ExitCode.LOCKED),
        (SendReport(), InputChangedError("kind", "users", "devices"), ExitCode.CHANGED),
        (SendReport(accepted=9, not_sent=1, requests=1), JournalError("full"), ExitCode.JOURNAL),
    ],
)
def test_the_code_tells_how_it_ended(
    report: SendReport, error: Exception | None, code: ExitCode
) -> None:
    """Of several that apply, the lowest line of the table."""
    begun = report.requests > 0
    assert code_of(report, error, cancelled=False, begun=begun) is code
    assert code_of(report, error, cancelled=True, begun=begun) is ExitCode.CANCELLED


def test_bad_input_of_a_resumed_run() -> None:
    """What an earlier session asked does not make it an early end: the same line would never help."""
    error = ConfigurationError("notification: its send_date has passed")
    report = SendReport(accepted=9, not_sent=1, requests=1)
    assert code_of(report, error, cancelled=False, begun=False) is ExitCode.BAD_INPUT


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({"cancelled": 9}, ExitCode.DONE),
        ({"cancelled": 9, "too_late": 1}, ExitCode.REJECTED),
        ({"too_late": 1, "unknown": 1}, ExitCode.IN_DOUBT),
        ({"no_code": 1}, ExitCode.IN_DOUBT),
        ({"in_doubt": 1}, ExitCode.IN_DOUBT),
    ],
)
def test_the_code_of_a_recall(counts: dict[str, int], code: ExitCode) -> None:
    """Whether a message may still go out counts more than that one has."""
    names = ("cancelled", "too_late", "unknown", "no_code", "in_doubt")
    every = dict.fromkeys(names, 0) | counts
    assert code_of_recall(RecallReport(**every, chunks={}, entries=())) is code


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
    [
        ("send", EPILOG, MEANINGS),
        ("resume", EPILOG, MEANINGS),
        ("create-message", CALL_EPILOG, CALL_MEANINGS),
        ("recall", RECALL_EPILOG, RECALL_MEANINGS),
        ("reconcile", RECONCILE_EPILOG, RECONCILE_MEANINGS),
        ("status", JOURNAL_EPILOG, JOURNAL_MEANINGS),
        ("report", JOURNAL_EPILOG, JOURNAL_MEANINGS),
        ("export", JOURNAL_EPILOG, JOURNAL_MEANINGS),
        ("salvage", JOURNAL_EPILOG, JOURNAL_MEANINGS),
        ("purge", JOURNAL_EPILOG, JOURNAL_MEANINGS),
    ],
)
def test_the_help_lists_every_code(
    shell: Shell, command: str, epilog: str, meanings: dict[ExitCode, str]
) -> None:
    """The table of the help is the table of the code."""
    shown = shell(None, command, "--help").out
    for code, meaning in meanings.items():
        assert f"  {code.value:>3}  {meaning}\n" in shown
    for line in epilog.splitlines():
        assert line.strip("\b ") in shown


def test_a_send_ends_with_any_code() -> None:
    """None is without a meaning."""
    assert set(MEANINGS) == set(ExitCode)
