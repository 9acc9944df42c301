"""How is it told, what will be done and what was learnt? For people, and for machines. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.box import HORIZONTALS
from rich.table import Table
from rich.text import Text

from pushwoosh_async.cli.commands.probe.findings import ASSUMPTIONS
from pushwoosh_async.cli.commands.probe.interview import Asked
from pushwoosh_async.cli.commands.probe.questions import Question
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.words import duration, table

# Seconds for one request, to say beforehand how long it will take.
_REQUEST_SECONDS = 0.5

_CANNOT_SEE = """\
Which of the vendor's machines answered (X-Pw-Cluster-Node) the client does not show, so questions 3 and 5
may have met one or several. A3 and A4 are not about the API's answers, and cannot be asked."""
_UNKNOWN_USER = """\
THE API DOES NOT KNOW THE TEST USER: it names that id among the unknown ones. So nothing reached a device,
and what is to be counted there says nothing."""


def plan(questions: Sequence[Question]) -> str:
    """Return what asking these questions will do, for a person to agree to."""
    seconds = sum(
        question.seconds or question.requests * _REQUEST_SECONDS for question in questions
    )
    rows = {
        "questions": f"{len(questions):,}",
        "requests, at most": f"{sum(question.requests for question in questions):,}",
        "messages to the test user, at most": f"{sum(question.messages for question in questions):,}",
        "time, about": duration(seconds),
    }
    return (
        "This sends real messages, all of them to the test user and to random ids that nobody has:\n"
        f"{table(rows)}\n"
        'Each says which it is ("probe 3b"): keep the devices at hand, and count.'
    )


def answers_table(asked: Sequence[Asked]) -> Table:
    """Return question, answer, assumption and verdict, a row for each."""
    shown = Table(box=HORIZONTALS, pad_edge=False, show_lines=True, expand=True)
    for column, share in (("", None), ("question", 2), ("answer", 4), ("assumption", None)):
        shown.add_column(column, ratio=share, overflow="fold")
    shown.add_column("verdict")
    for one in asked:
        finding = one.finding
        cells = (
            str(one.question.number),
            one.question.text,
            finding.answer,
            ", ".join(finding.assumptions),
            finding.verdict,
        )
        # As Text, since a server's words in brackets would otherwise be read as markup.
        shown.add_row(*(Text(printable(cell)) for cell in cells))
    return shown


def remarks(asked: Sequence[Asked]) -> str:
    """Return what belongs below the table: what to count, and what the names in it mean."""
    lines: list[str] = []
    if any(answer.user_unknown for one in asked for answer in one.answers):
        lines += [_UNKNOWN_USER, ""]
    counted = [one.finding.device for one in asked if one.finding.device]
    if counted:
        lines += ["Count on the test user's devices:", *(f"  {text}" for text in counted), ""]
    changes = [one for one in asked if one.finding.consequence]
    if changes:
        named_changes = (
            f"  {', '.join(one.finding.assumptions)}: {one.finding.consequence}" for one in changes
        )
        lines += ["Contradicted, so change:", *dict.fromkeys(named_changes), ""]
    named = {name for one in asked for name in one.finding.assumptions}
    width = max(map(len, ASSUMPTIONS))
    lines += [f"  {name:<{width}}  {text}" for name, text in ASSUMPTIONS.items() if name in named]
    return "\n".join([*lines, "", _CANNOT_SEE])


def as_document(asked: Sequence[Asked]) -> dict[str, Any]:
    """Return the record for machines. Message codes are in it, recipients are not."""
    named = {name for one in asked for name in one.finding.assumptions}
    return {
        "questions": [_document(one) for one in asked],
        "assumptions": {name: text for name, text in ASSUMPTIONS.items() if name in named},
        "user_unknown": any(answer.user_unknown for one in asked for answer in one.answers),
    }


def _document(one: Asked) -> dict[str, Any]:
    finding = one.finding
    return {
        "number": one.question.number,
        "question": one.question.text,
        "answer": finding.answer,
        "assumptions": list(finding.assumptions),
        "verdict": finding.verdict,
        "count_on_device": finding.device,
        "consequence": finding.consequence,
        "answers": [asdict(answer) for answer in one.answers],
    }
