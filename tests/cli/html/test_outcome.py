"""The six counts, their sum, the bar and the verdict."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import SendReport
from pushwoosh_async.cli.html.outcome import outcome, verdict

from .campaign import campaign
from .reading import read

CAMPAIGN = campaign()
NAMES = ("accepted", "in_doubt", "rejected", "not_sent", "invalid", "duplicates")

counts = st.lists(st.just(0) | st.integers(1, 20_000_000), min_size=6, max_size=6)


def report_of(numbers: list[int]) -> SendReport:
    accepted, in_doubt, rejected, not_sent, invalid, duplicates = numbers
    return SendReport(
        accepted=accepted, in_doubt=in_doubt, rejected=rejected, not_sent=not_sent, invalid=invalid,
        duplicates=duplicates,
    )  # fmt: skip


@given(counts)
def test_the_six_counts_and_their_sum(numbers: list[int]) -> None:
    """Each under its name, in words; below them the whole input."""
    table = read(outcome(replace(CAMPAIGN, report=report_of(numbers)))).all("table")[0]
    rows = {row[0].strip(): int(row[1].replace(",", "")) for row in table.rows()[1:]}
    names = [name.replace("_", " ") for name in NAMES]
    assert rows == {**dict(zip(names, numbers, strict=True)), "all": sum(numbers)}


def test_the_shares() -> None:
    """Each count is told as a part of the whole too."""
    report = report_of([900, 50, 0, 25, 25, 0])
    rows = read(outcome(replace(CAMPAIGN, report=report))).all("table")[0].rows()[1:]
    assert [row[2] for row in rows] == ["90 %", "5 %", "0 %", "2.5 %", "2.5 %", "0 %", "100 %"]


@given(counts)
def test_the_bar(numbers: list[int]) -> None:
    """It is filled without a gap; what is there is seen, what is not there is not, larger is longer."""
    drawn = read(outcome(replace(CAMPAIGN, report=report_of(numbers)))).all("rect")
    present = [(name, n) for name, n in zip(NAMES, numbers, strict=True) if n]
    assert [each.all("title")[0].text for each in drawn] == [
        f"{name.replace('_', ' ')}: {n:,}" for name, n in present
    ]
    left = 0.0
    widths = []
    for part, (name, n) in zip(drawn, present, strict=True):
        assert part.looks_like(name.replace("_", "-"))
        assert float(part.attributes["x"]) == pytest.approx(left, abs=0.01)
        widths.append(float(part.attributes["width"]))
        left += widths[-1]
        assert widths[-1] > 5.7
        assert widths[-1] == pytest.approx(1000 * n / sum(numbers), abs=31)
    assert left == pytest.approx(1000 if present else 0, abs=0.01)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (SendReport(accepted=5), "Everything was sent and accepted."),
        (SendReport(accepted=5, invalid=1, duplicates=1), "Everything was sent and accepted."),
        (SendReport(duplicates=2), "There was nobody to send to."),
        (SendReport(in_doubt=1), "Everything was sent, but not everything was accepted."),
        (SendReport(rejected=1), "Everything was sent, but not everything was accepted."),
        (SendReport(not_sent=1, stopped="401. "), "Ended early: 401."),
        (SendReport(not_sent=1, stopped="deadline."), "Ended early: deadline."),
        (SendReport(accepted=5, input_complete=False), "Ended early: its process was killed."),
    ],
)
def test_the_verdict(report: SendReport, words: str) -> None:
    """It claims no more than the counts say."""
    assert verdict(replace(CAMPAIGN, report=report))[0] == words


def test_a_run_without_an_end_is_no_success() -> None:
    """After a crash everything begun so far may well be accepted."""
    unended = replace(CAMPAIGN, ended=None, report=SendReport(accepted=5))
    assert verdict(unended) == ["No end is on record: its process was killed."]


def test_what_the_verdict_adds() -> None:
    """Who was rejected, who is in doubt, and that part of the source was never read."""
    partly = SendReport(accepted=5, rejected=2000, in_doubt=1, input_complete=False)
    assert verdict(replace(CAMPAIGN, report=partly))[1:] == [
        "The source was not read to its end; what was not read is in no count.",
        "2,000 recipients were rejected, 1 is in doubt.",
    ]


def test_what_acceptance_rests_on() -> None:
    """Unknown ids, and acceptances that only a repeat was answered with, are told where there are any."""
    plain = read(outcome(replace(CAMPAIGN, report=SendReport(accepted=5)))).text
    assert "unknown" not in plain
    assert "repeated" not in plain
    report = SendReport(accepted=5000, unknown_devices=1, accepted_on_repeat=1000)
    told = read(outcome(replace(CAMPAIGN, report=report))).text
    assert "1 accepted id is unknown to the application." in told
    assert "Of the accepted, 1,000 were accepted when their request was repeated:" in told


def test_what_was_recalled_is_no_longer_on_its_way() -> None:
    """In the verdict and in the table."""
    recalled = replace(CAMPAIGN, report=SendReport(accepted=20_000), recalled=18_000)
    told = read(outcome(recalled)).text
    assert "Of the accepted, 18,000 were cancelled since by recall." in told
    assert "The API took them; 18,000 were cancelled since by recall." in told
    assert "in its own time" not in told
    assert "recall" not in read(outcome(CAMPAIGN)).text


def test_an_ending_has_one_word() -> None:
    """The same as in a terminal."""
    drained = replace(CAMPAIGN, report=SendReport(not_sent=1, stopped="drained"))
    assert verdict(drained)[0] == "Ended early: interrupted by a signal."
