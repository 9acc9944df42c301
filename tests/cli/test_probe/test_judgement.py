"""The judgements, on answers that no sandbox gives: nothing is claimed that the answers do not show."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async.cli.commands.probe.answers import Answer, fate, in_order, told
from pushwoosh_async.cli.commands.probe.findings import ASSUMPTIONS, Finding
from pushwoosh_async.cli.commands.probe.ids import Trial, judge_ids
from pushwoosh_async.cli.commands.probe.questions import QUESTIONS
from pushwoosh_async.cli.commands.probe.rate import judge_rate
from pushwoosh_async.cli.commands.probe.refusals import (
    judge_refused,
    judge_refused_array,
    judge_taken_array,
)
from pushwoosh_async.cli.commands.probe.repeats import judge_at_once, judge_other_text, judge_repeat
from pushwoosh_async.cli.commands.probe.scope import judge_other_application, judge_other_token
from pushwoosh_async.cli.commands.probe.shapes import judge_shapes
from pushwoosh_async.cli.commands.probe.window import judge_sliding, judge_window

CODED = Answer(
    label="probe",
    sent=0.0,
    answered=0.1,
    outcome="accepted",
    codes=("A",),
    http_status=200,
    status_code=200,
)
OTHER = replace(CODED, codes=("B",))
BARE = replace(CODED, codes=(None,))
REFUSED = replace(CODED, outcome="rejected", codes=(), status_code=210, text="no")
CONFLICT = replace(REFUSED, outcome="in_doubt", http_status=409, status_code=409)
THROTTLED = replace(REFUSED, outcome="not_sent", http_status=429, status_code=429, retry_after=7.0)
BROKEN = replace(REFUSED, outcome="in_doubt", http_status=500, status_code=None)
SILENT = replace(REFUSED, outcome="in_doubt", http_status=None, status_code=None, text="reset")


def at(answer: Answer, sent: float, took: float = 0.1) -> Answer:
    return replace(answer, sent=sent, answered=sent + took)


@pytest.mark.parametrize(
    ("first", "repeat", "expected"),
    [
        (CODED, CODED, "dropped"),
        (CODED, BARE, "dropped"),
        (CODED, REFUSED, "dropped"),
        (CODED, CONFLICT, "dropped"),
        (BARE, REFUSED, "dropped"),
        (CODED, OTHER, "sent"),
        (BARE, CODED, "sent"),
        (BARE, BARE, "unclear"),
        (CODED, THROTTLED, "unclear"),
        (CODED, BROKEN, "unclear"),
        (CODED, SILENT, "unclear"),
        (REFUSED, CODED, "unclear"),
        (SILENT, CODED, "unclear"),
    ],
)
def test_the_fate_of_a_repeat(first: Answer, repeat: Answer, expected: str) -> None:
    """Another code is another message; a code again, none after one, or a refusal is a dropped repeat."""
    assert fate(first, repeat) == expected


def test_of_two_at_once_the_one_with_a_code_was_first() -> None:
    """In whichever order their answers came."""
    for one, other in ((CODED, BARE), (BARE, CODED), (CODED, REFUSED), (REFUSED, CODED)):
        assert in_order(one, other)[0] is CODED


def test_a_repeat_that_was_sent_again_contradicts() -> None:
    """Each question names what it breaks."""
    assert judge_repeat(CODED, OTHER).verdict == "contradicts"
    assert '"probe" twice' in judge_repeat(CODED, OTHER).device
    found = judge_other_text(CODED, OTHER, CODED)
    assert (found.verdict, found.assumptions) == ("contradicts", ("A1",))
    assert "all rests on A2" in found.answer
    for again in (OTHER, SILENT):
        assert judge_other_text(CODED, OTHER, again).verdict == "leaves open"
    found = judge_at_once([(CODED, CODED), (CODED, OTHER)])
    assert (found.verdict, found.answer) == ("contradicts", "both were sent, 1 times of 2")
    together = replace(CODED, codes=("A", "B", "C"))
    last = replace(CODED, codes=("C",))
    assert judge_taken_array(together, CODED, last).verdict == "supports"
    found = judge_taken_array(together, CODED, OTHER)
    assert (found.verdict, found.assumptions) == ("contradicts", ("A8",))


def test_without_codes_only_the_device_can_tell() -> None:
    """So success twice proves nothing."""
    for finding in (
        judge_repeat(BARE, BARE),
        judge_other_text(BARE, BARE, None),
        judge_at_once([(BARE, BARE)]),
        judge_other_token(BARE, BARE),
        judge_other_application(BARE, BARE),
        judge_taken_array(replace(BARE, codes=(None,) * 3), BARE, BARE),
        judge_refused(REFUSED, BARE),
    ):
        assert finding.verdict == "leaves open"
        assert "once" in finding.device


def test_a_repeat_is_inside_the_window_only_if_it_surely_was() -> None:
    """A slow answer can put it on either side."""
    first = at(CODED, 0.0, took=5.0)
    assert judge_window([(first, at(OTHER, 296.0, took=5.0))]).verdict == "leaves open"
    assert judge_window([(first, at(OTHER, 294.0, took=5.0))]).verdict == "contradicts"
    supported = judge_window([(first, at(CODED, 290.0)), (first, at(OTHER, 304.0))])
    assert supported.verdict == "supports"
    assert supported.answer.endswith("Beyond 300 s: cannot be told")
    supported = judge_window([(first, at(CODED, 290.0)), (first, at(OTHER, 305.0))])
    assert "Beyond 300 s: sent again 1 times of 1" in supported.answer


def test_a_window_that_a_repeat_makes_longer() -> None:
    """It is told apart from one that was never asked about."""
    first, between = at(CODED, 0.0), at(CODED, 200.0)
    assert judge_sliding(first, between, at(CODED, 310.0)).answer.startswith("still dropped")
    assert judge_sliding(first, between, at(OTHER, 310.0)).answer.startswith("no: ")
    assert judge_sliding(first, between, at(SILENT, 310.0)).verdict == "leaves open"
    assert judge_sliding(first, at(SILENT, 200.0), at(OTHER, 310.0)).verdict == "leaves open"
    assert judge_sliding(first, between, at(OTHER, 299.0)).verdict == "leaves open"


CASE = (CODED, OTHER)


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (
            Trial("long", REFUSED, REFUSED, "dropped"),
            "long: refused (HTTP 200, status_code 210: no)",
        ),
        (Trial("long", CODED, OTHER, "dropped"), "long: sent again, so not remembered"),
        (Trial("long", CODED, CODED, "sent"), "long: dropped, so cut short"),
    ],
)
def test_an_id_that_breaks_the_rule(trial: Trial, words: str) -> None:
    """The finding says which, and how."""
    fine = Trial("short", CODED, CODED, "dropped")
    finding = judge_ids([fine, trial], case=CASE)
    assert (finding.verdict, finding.assumptions) == ("contradicts", ("id rule",))
    assert finding.answer == f"{words}; upper and lower case differ"


def test_upper_and_lower_case_break_no_rule() -> None:
    """They are told all the same."""
    fine = [Trial("short", CODED, CODED, "dropped")]
    assert judge_ids(fine, case=(CODED, CODED)).verdict == "supports"
    assert judge_ids(fine, case=(CODED, CODED)).answer.endswith("are the same")
    assert judge_ids(fine, case=(BARE, BARE)).answer.endswith("cannot be told")


def test_what_nobody_saw_accepted_may_never_have_come() -> None:
    """So no message of which every answer was lost is expected on the device."""
    assert '"probe" at most twice' in judge_at_once([(SILENT, SILENT)]).device
    assert '"probe" once or twice' in judge_at_once([(CODED, SILENT)]).device
    assert judge_shapes(SILENT, CODED).device == ""


def test_codes_where_none_is_expected() -> None:
    """A code under ten contradicts the rule; none over ten, where nobody got it, leaves it open."""
    assert judge_shapes(CODED, OTHER).verdict == "contradicts"
    assert judge_shapes(BARE, BARE).verdict == "leaves open"
    listed = replace(CODED, unknown={"": 2, "A": 1, "Z": 3})
    answer = judge_shapes(BARE, listed).answer
    assert "2 unknown ids under no key, or the empty one" in answer
    assert "1 unknown id under the code, 3 unknown ids under another key" in answer


def test_a_429_after_which_the_refused_one_counts_as_a_repeat() -> None:
    """Then it was processed, and A7 is contradicted."""
    many = [at(CODED, n / 100) for n in range(600)]
    stopped = at(THROTTLED, 6.0)
    for again in (REFUSED, CONFLICT, BARE):
        finding = judge_rate(many, stopped, at(again, 70.0))
        assert (finding.verdict, finding.assumptions) == ("contradicts", ("A7",))
    assert judge_rate(many, stopped, at(OTHER, 70.0)).verdict == "supports"
    bare = [replace(answer, codes=(None,)) for answer in many]
    assert judge_rate(bare, stopped, at(BARE, 70.0)).verdict == "supports"


def test_requests_of_an_earlier_minute_do_not_count() -> None:
    """A slow line may never reach the limit."""
    slow = [at(CODED, float(n)) for n in range(700)]
    assert (
        judge_rate(slow, None, None).answer == "no 429; but only 60 requests went out in any minute"
    )
    assert judge_rate(slow, None, None).verdict == "leaves open"
    finding = judge_rate(slow, at(THROTTLED, 699.5), None)
    assert finding.answer.startswith("429 after 60 requests within a minute")


def test_an_array_that_got_too_few_codes() -> None:
    """It was not accepted, and says why; its ids alone show what was taken."""
    odd = replace(BROKEN, http_status=200, status_code=200, text="2 codes for 3 notifications")
    finding = judge_refused_array(odd, CODED, REFUSED, CODED)
    assert "2 codes for 3 notifications" in finding.answer
    assert "probe 11c alone: HTTP 200, status_code 210" in finding.answer
    assert judge_refused_array(SILENT, CODED, OTHER, CODED).answer.startswith("could not be asked")
    assert judge_refused_array(BROKEN, CODED, OTHER, CODED).answer.startswith("could not be asked")


@pytest.mark.parametrize("again", [CODED, OTHER, THROTTLED, BROKEN, SILENT])
def test_that_none_of_an_array_was_taken_needs_proof(again: Answer) -> None:
    """A code proves it only where a repeat surely gets none, or is refused."""
    assert judge_refused_array(REFUSED, CODED, OTHER, REFUSED).verdict == "supports"
    assert judge_refused_array(REFUSED, CODED, OTHER, BARE).verdict == "supports"
    assert judge_refused_array(REFUSED, CODED, OTHER, again).verdict == "leaves open"


def test_another_application_that_does_not_know_the_user() -> None:
    """A missing code may come from that, so nothing is claimed."""
    stranger = replace(BARE, user_unknown=True)
    assert judge_other_application(CODED, stranger).verdict == "leaves open"
    assert judge_other_application(CODED, BARE).answer.startswith("applications share their ids")


ANSWERS = st.sampled_from([CODED, OTHER, BARE, REFUSED, CONFLICT, THROTTLED, BROKEN, SILENT])
# They compare a repeat with its first.
COMPARING: dict[str, Callable[[Answer, Answer], Finding]] = {
    "repeat": judge_repeat,
    "other text": lambda a, b: judge_other_text(a, b, a if fate(a, b) == "sent" else None),
    "other token": judge_other_token,
    "other application": judge_other_application,
    "at once": lambda a, b: judge_at_once([(a, b)]),
    "window": lambda a, b: judge_window([(at(a, 0.0), at(b, 290.0))]),
    "sliding": lambda a, b: judge_sliding(at(a, 0.0), at(b, 200.0), at(b, 310.0)),
}
JUDGES: dict[str, Callable[[Answer, Answer], Finding]] = {
    **COMPARING,
    "shapes": judge_shapes,
    "refused": judge_refused,
    "refused array": lambda a, b: judge_refused_array(a, b, b, a),
    "ids": lambda a, b: judge_ids([Trial("t", a, b, "dropped")], case=(b, a)),
    "rate": lambda a, b: judge_rate([CODED], a, b),
}


@given(st.sampled_from(sorted(JUDGES)), ANSWERS, ANSWERS)
def test_any_answers_are_judged(name: str, one: Answer, other: Answer) -> None:
    """In words, and about assumptions that have some."""
    finding = JUDGES[name](one, other)
    assert finding.answer
    assert finding.assumptions
    assert set(finding.assumptions) <= set(ASSUMPTIONS)
    assert bool(finding.consequence) == (finding.verdict == "contradicts")


@given(st.sampled_from(sorted(COMPARING)), ANSWERS, ANSWERS)
def test_nothing_is_claimed_of_a_repeat_without_two_answers(
    name: str, one: Answer, other: Answer
) -> None:
    """One that was throttled, broke, or never came leaves its question open; so do two refusals."""
    no_answer = (THROTTLED, BROKEN, SILENT)
    finding = COMPARING[name](one, other)
    if one in no_answer or other in no_answer or not (one.accepted or other.accepted):
        assert finding.verdict == "leaves open"


@pytest.mark.parametrize("name", JUDGES)
def test_silence_supports_nothing(name: str) -> None:
    """And contradicts nothing."""
    assert JUDGES[name](SILENT, SILENT).verdict == "leaves open"


def test_answers_in_words() -> None:
    """With the API's own, where it said any."""
    assert told(CODED) == "200 with a code"
    assert told(BARE) == "200 without a code"
    assert told(SILENT) == "no answer (reset)"
    assert told(CONFLICT) == "HTTP 409: no"
    assert told(replace(BROKEN, text="")) == "HTTP 500"
    assert told(replace(CODED, codes=("A", None, "C"))) == "200 with 2 codes for 3 messages"


def test_every_question_bears_on_an_assumption_that_has_words() -> None:
    """One to eleven, and none but the halves of 6 and 10 twice."""
    assert [question.number for question in QUESTIONS] == [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 10, 11]
    for question in QUESTIONS:
        assert set(question.assumptions) <= set(ASSUMPTIONS)
