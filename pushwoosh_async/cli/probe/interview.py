"""In which order is asked, and what is left out? The questions one by one, and what was learnt."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pushwoosh_async.cli.probe.answers import Answer
from pushwoosh_async.cli.probe.findings import Finding
from pushwoosh_async.cli.probe.prober import Prober
from pushwoosh_async.cli.probe.questions import Question


@dataclass(frozen=True)
class Asked:
    """A question with what it brought.

    Attributes:
        question: what was asked, or was not.
        finding: what was learnt.
        answers: what the API answered; of a flood only the end.
    """

    question: Question
    finding: Finding
    answers: tuple[Answer, ...] = ()


def askable(question: Question, options: AbstractSet[str]) -> bool:
    """Tell whether a question may be asked under the options that were given."""
    return not question.needs or question.needs in options


async def interview(
    prober: Prober,
    questions: Sequence[Question],
    options: AbstractSet[str],
    *,
    learnt: Callable[[Asked], None],
    begin: Callable[[Question], None],
) -> None:
    """Ask the questions in turn; after a refused token or application, none is asked any more.

    Args:
        prober: asks.
        questions: in order.
        options: what was given of the options that questions need.
        learnt: told of each question that is over.
        begin: told of each question that begins.
    """
    for question in questions:
        if prober.turned_away:
            learnt(not_asked(question, "the token or application was refused"))
        elif not askable(question, options):
            learnt(not_asked(question, f"only with {question.needs}"))
        else:
            begin(question)
            before = len(prober.answers)
            finding = await question.ask(prober)
            learnt(Asked(question, finding, tuple(prober.answers[before:])))


def not_asked(question: Question, why: str) -> Asked:
    """Return a question that was left out, and why."""
    return Asked(question, Finding(why, "not asked", question.assumptions))
