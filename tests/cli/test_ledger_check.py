"""The demo's check finds what is wrong with a report, and nothing where nothing is."""

from collections import Counter

import pytest
from attrs import evolve

from pushwoosh_async import SendReport
from pushwoosh_async.cli.ledger_check import Labelled, Verdict, check

IDS = [f"u{n}" for n in range(10)]
RANGES = [Labelled(0, 4, "accepted"), Labelled(6, 7, "rejected"), Labelled(4, 6, "in_doubt")]
REPORT = SendReport(accepted=4, rejected=1, in_doubt=2, not_sent=3)
# One of the two in doubt got it.
LEDGER = Counter(["u0", "u1", "u2", "u3", "u5"])
SOUND = Verdict(0, 0, 0, 0, ())


def verdict(
    ranges: list[Labelled] = RANGES, report: SendReport = REPORT, ledger: Counter[str] = LEDGER
) -> Verdict:
    return check(IDS, ranges, report, ledger)


def test_a_true_report_passes() -> None:
    """Accepted once, in doubt once or not at all, the rest not at all."""
    assert verdict() == SOUND
    assert verdict().is_true


@pytest.mark.parametrize(
    ("tampered", "expected"),
    [
        (LEDGER - Counter(["u2"]), Verdict(0, 1, 0, 0, ())),
        (LEDGER + Counter(["u2"]), Verdict(1, 0, 0, 0, ())),
        (LEDGER + Counter(["u5"]), Verdict(1, 0, 0, 0, ())),
        (LEDGER + Counter(["u9"]), Verdict(0, 0, 1, 0, ())),
        (LEDGER + Counter(["u6"]), Verdict(0, 0, 1, 0, ())),
        (LEDGER + Counter(["u99", "u99"]), Verdict(1, 0, 0, 1, ())),
    ],
    ids=["lost", "doubled", "doubled in doubt", "not sent to", "rejected", "stranger"],
)
def test_a_tampered_ledger_fails(tampered: Counter[str], expected: Verdict) -> None:
    """One delivery more or less is found, and named."""
    assert verdict(ledger=tampered) == expected
    assert not verdict(ledger=tampered).is_true


@pytest.mark.parametrize("label", ["accepted", "rejected", "in_doubt", "not_sent", "invalid"])
def test_a_sum_that_is_off_fails(label: str) -> None:
    """Each count of the report is held against the chunks, and all six against the input."""
    off = evolve(REPORT, **{label: getattr(REPORT, label) + 1})
    assert "the six counts add up to 11 of 10 inputs" in verdict(report=off).miscounted


def test_chunks_that_overlap_fail() -> None:
    """Nobody is in two chunks."""
    overlapping = [*RANGES, Labelled(3, 4, "accepted")]
    assert not verdict(ranges=overlapping).is_true


def test_chunks_beyond_the_input_fail() -> None:
    """Nobody is sent to who is not in the input."""
    assert not verdict(ranges=[*RANGES, Labelled(9, 11, "not_sent")]).is_true
