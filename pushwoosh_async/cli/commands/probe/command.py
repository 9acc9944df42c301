"""``pushwoosh-async probe``: a few messages to one test user, and what they taught."""

import json
import os
import random
import re
import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any

import anyio
import typer
from rich.console import Console

from pushwoosh_async import Notification, PushwooshClient, SystemClock
from pushwoosh_async.cli.commands.probe.interview import Asked, askable, interview, not_asked
from pushwoosh_async.cli.commands.probe.prober import Audience, Prober, audience_of
from pushwoosh_async.cli.commands.probe.questions import FLOOD, QUESTIONS, SLOW, Question
from pushwoosh_async.cli.commands.probe.report import answers_table, as_document, plan, remarks
from pushwoosh_async.cli.commands.probe.scope import APPLICATION, TOKEN
from pushwoosh_async.cli.complaints import BadInputError, complain, naming
from pushwoosh_async.cli.connection import TIMEOUT, VENDOR, connection
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.options import (
    ApplicationOption,
    BaseUrlOption,
    TimeoutOption,
    TokenFileOption,
)
from pushwoosh_async.cli.token import read_token

_NUMBERS = frozenset(question.number for question in QUESTIONS)


def probe(
    user: Annotated[str, typer.Option(metavar="ID", help="The test user, whose devices you hold.")],
    only: Annotated[
        str | None, typer.Option(metavar="N,N,...", help="These questions only, by number.")
    ] = None,
    slow: Annotated[
        bool,
        typer.Option(SLOW, help="Ask 3, 4 and the second half of 10, too: a quarter of an hour."),
    ] = False,
    flood: Annotated[
        bool, typer.Option(FLOOD, help="Ask 10, too: some 700 requests, to ids that nobody has.")
    ] = False,
    second_application: Annotated[
        str | None, typer.Option(metavar="CODE", help="Another application of the account, for 6.")
    ] = None,
    second_token_file: Annotated[
        str | None, typer.Option(metavar="PATH", help="Another token for the application, for 6.")
    ] = None,
    application: ApplicationOption = None,
    base_url: BaseUrlOption = None,
    token_file: TokenFileOption = None,
    timeout: TimeoutOption = TIMEOUT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to begin.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The record as a JSON object, for machines.")
    ] = False,
) -> int:
    """Ask a real account what the vendor's documents leave open, and what that means for this library.

    It sends a few messages to one test user, and says first how many. Each names its question, so that
    what the API cannot tell can be counted on the device. Nobody else gets anything.
    """
    reached = connection(
        timeout=timeout, application=application, base_url=base_url, token_file=token_file
    )
    address = base_url or os.environ.get("PUSHWOOSH_BASE_URL") or VENDOR
    settings = {**reached.client, "base_url": address}
    others = _others(second_application, second_token_file, settings)
    options = {*others, *([SLOW] if slow else []), *([FLOOD] if flood else [])}
    rng = random.SystemRandom()
    prober = Prober(
        settings, audience=audience_of(user, rng), clock=SystemClock(), rng=rng, others=others
    )
    questions = chosen(only)
    names = {**reached.names, "users": "--user"}
    with naming(names):
        anyio.run(_check, settings, prober.audience)
    if second_application is not None:
        with naming({**names, "application": APPLICATION}):
            prober.open_client(APPLICATION)
    _agree([each for each in questions if askable(each, options)], yes=yes, as_json=as_json)
    return _run(prober, questions, options, as_json=as_json)


def chosen(only: str | None) -> list[Question]:
    """Return the questions that a text such as ``"1,2,9"`` names; all without one.

    Raises:
        BadInputError: it is written otherwise, or there is no such question.
    """
    if only is None:
        return list(QUESTIONS)
    parts = only.split(",")
    numbers = {int(part) for part in parts if re.fullmatch("[0-9]{1,2}", part)}
    if not all(re.fullmatch("[0-9]{1,2}", part) for part in parts) or numbers - _NUMBERS:
        raise BadInputError(
            f"--only: must be numbers of questions, 1 to {max(_NUMBERS)}, such as 1,2,9"
        )
    return [question for question in QUESTIONS if question.number in numbers]


def _others(
    application: str | None, token_file: str | None, settings: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return what differs for another application, and for another token; see `Prober`."""
    others: dict[str, dict[str, Any]] = {}
    if application is not None:
        others[APPLICATION] = {"application": application}
    if token_file is not None:
        others[TOKEN] = {"api_token": _another_token(token_file, settings)}
    return others


def _another_token(path: str, settings: Mapping[str, Any]) -> str:
    token = read_token(path, TOKEN)
    if token == (settings.get("api_token") or os.environ.get("PUSHWOOSH_API_TOKEN")):
        raise BadInputError(f"{TOKEN} {path!r}: must hold another token")
    return token


async def _check(settings: Mapping[str, Any], audience: Audience) -> None:
    """Let the client check its settings and the test user's id; nothing is sent."""
    async with PushwooshClient(**settings) as client:
        await client.plan(Notification(content="probe"), users=audience.everybody)


def _agree(questions: Sequence[Question], *, yes: bool, as_json: bool) -> None:
    """Say what will be done, and go on only if that is wanted.

    Raises:
        BadInputError: it is not, or nobody is there to ask.
    """
    typer.echo(plan(questions), err=as_json)
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInputError(
            "--yes: give it to begin, since nobody can be asked here; nothing was sent"
        )
    if not typer.confirm("Begin?", err=True):
        raise BadInputError("not begun; nothing was sent")


def _run(
    prober: Prober, questions: Sequence[Question], options: AbstractSet[str], *, as_json: bool
) -> ExitCode:
    asked: list[Asked] = []

    def begin(question: Question) -> None:
        typer.echo(f"asking {question.number}: {question.text}", err=True)

    async def ask() -> None:
        await interview(prober, questions, options, learnt=asked.append, begin=begin)

    code = ExitCode.DONE
    try:
        anyio.run(ask)
    except KeyboardInterrupt:
        code = ExitCode.CANCELLED
        asked += [not_asked(question, "interrupted") for question in questions[len(asked) :]]
    _show(asked, as_json=as_json)
    if prober.turned_away:
        complain(prober.turned_away)
        return ExitCode.STOPPED
    return code if code is ExitCode.CANCELLED else _judged(asked)


def _judged(asked: Sequence[Asked]) -> ExitCode:
    if any(one.finding.verdict == "contradicts" for one in asked):
        return ExitCode.FAILED
    if any(one.reached for one in asked):
        return ExitCode.DONE
    complain("nothing could be asked")
    return ExitCode.STOPPED


def _show(asked: Sequence[Asked], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(as_document(asked)))
        return
    Console(markup=False, highlight=False).print(answers_table(asked))
    typer.echo(remarks(asked))
