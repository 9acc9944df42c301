"""How does a soak end? Every run is gone on with to its end, and all that was said is checked."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from oracle import Arrival, Settled, check, settled

from pushwoosh_async import JournalError, PushwooshClient, SendReport
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.sqlite_journal import read_journal

from .account import (
    Account,
    Plan,
    Single,
    arrivals_by_sender,
    sessions_against,
    singles_against,
)
from .deeds import begin

_AT_ONCE = 8


async def settle(client: PushwooshClient, account: Account, ledger: Path) -> list[str]:
    """Go on with each run, in good weather; return what is not true of anybody, in words.

    G1 and G2 are held at the end of each session, G3 here: nobody is left unsent, and what the journal
    called settled is not asked for again.
    """
    found = account.plans()
    plans = [sessions[0].plan for sessions in found.values()]
    before = arrivals_by_sender(ledger)
    records = {plan.name: _records(plan) for plan in plans}
    reports = await _ends(client, plans)
    behind = arrivals_by_sender(ledger)
    wrong = list(_wrong_singles(account, behind))
    for plan in plans:
        arrivals = behind.get(plan.name, [])
        wrong += sessions_against(before.get(plan.name, []), found[plan.name])
        wrong += _wrong_at_the_end(
            plan,
            arrivals,
            reports[plan.name],
            known=settled(before.get(plan.name, []), records[plan.name]),
        )
    return wrong


def _records(plan: Plan) -> list[Record]:
    """Return what the journal holds; nothing where no session came to write into it."""
    try:
        with read_journal(plan.journal) as journal:
            return list(journal.records())
    except JournalError as error:
        assert "there is no" in str(error), error  # noqa: PT017 -- see above
        return []


def _wrong_singles(account: Account, arrivals: Mapping[str, Sequence[Arrival]]) -> Iterator[str]:
    for kind in ("call", "mail"):
        told = (each for each in account.told() if isinstance(each, Single))
        named = (each for each in told if each.recipient.startswith(f"{kind}:"))
        yield from singles_against(arrivals.get(kind, ()), named)


def _wrong_at_the_end(
    plan: Plan, arrivals: Sequence[Arrival], report: SendReport, known: Settled
) -> Iterator[str]:
    if report.not_sent or report.total != plan.count:
        yield f"{plan.name}: {report.not_sent} of {report.total} are not sent, {plan.count} were given"
    yield from check(arrivals, _records(plan), report, ids=plan.ids, snapshots=[known])


async def _ends(client: PushwooshClient, plans: Sequence[Plan]) -> dict[str, SendReport]:
    """Go on with some runs at a time."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def end(plan: Plan) -> SendReport:
        async with room:
            return await begin(client, plan)

    reports = await asyncio.gather(*map(end, plans))
    return {plan.name: report for plan, report in zip(plans, reports, strict=True)}
