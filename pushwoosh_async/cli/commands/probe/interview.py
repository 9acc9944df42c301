"""In which order is asked, and what is left out? The questions one by one, and what was learnt."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from pushwoosh_async.cli.commands.probe.answers import Answer
from pushwoosh_async.cli.commands.probe.findings import Finding
from pushwoosh_async.cli.commands.probe.prober import Prober
from pushwoosh_async.cli.commands.probe.questions import Question


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

    @property
    def reached(self) -> bool:
        """Whether the API took or refused any of it. An idle connection notes no answer."""
        said_something = any(
            each.accepted or each.refused or each.throttled for each in self.answers
        )
        return self.finding.verdict != "not asked" and (said_something or not self.answers)


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
            answers = tuple(prober.answers[before:])
            learnt(Asked(question, _to_count(finding, answers), answers))


def _to_count(finding: Finding, answers: Sequence[Answer]) -> Finding:
    """Add the messages that nothing is known of to what is to be counted; drop what never left."""
    if answers and all(answer.outcome == "not_sent" for answer in answers):
        return replace(finding, device="")
    lost = [f'"{label}"' for answer in answers if answer.lost for label in answer.to_user]
    unnamed = [label for label in dict.fromkeys(lost) if label not in finding.device]
    if not unnamed:
        return finding
    words = f"{', '.join(unnamed)} any number of times, since an answer was lost"
    device = f"{finding.device}; {words}" if finding.device else words
    return replace(finding, device=device)


def not_asked(question: Question, why: str) -> Asked:
    """Return a question that was left out, and why."""
    return Asked(question, Finding(why, "not asked", question.assumptions))
