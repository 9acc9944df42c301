"""Question 10, first half: where does 429 begin, and what does it say? Nobody gets any of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from pushwoosh_async import Notification, PushwooshClient
from pushwoosh_async.cli.commands.probe.answers import Answer, told
from pushwoosh_async.cli.commands.probe.findings import Finding, could_not_be_asked
from pushwoosh_async.cli.commands.probe.prober import Prober
from pushwoosh_async.cli.words import count

MOST = 700
FLOOD_SECONDS = 120.0
_DOCUMENTED = 600
_MINUTE = 60.0
_AT_ONCE = 16
_STAY_BELOW = "stay far enough below the limit to see no 429: RateLimit(requests=...)"


@dataclass
class Flood:
    """What many requests in a row came to.

    Attributes:
        taken: the answers of success.
        stopped_by: the first answer that was none.
        refused: the notification it was the answer to.
    """

    taken: list[Answer] = field(default_factory=list)
    stopped_by: Answer | None = None
    refused: Notification | None = None


async def rate(prober: Prober) -> Finding:
    """Ask question 10: send to nobody until the API says 429; then what it refused, once more."""
    flood = await _flood(prober)
    again: Answer | None = None
    if flood.stopped_by is not None:
        prober.answers.append(flood.stopped_by)
        if flood.stopped_by.throttled and flood.refused is not None:
            asked = flood.stopped_by.retry_after
            wait = _MINUTE if asked is None else asked
            await prober.wait_until(flood.stopped_by.answered + wait)
            again = await prober.ask(flood.refused)
    return judge_rate(flood.taken, flood.stopped_by, again)


async def _flood(prober: Prober) -> Flood:
    flood = Flood()
    numbers = iter(range(MOST))
    async with prober.open_client(rate_limit=None, max_connections=_AT_ONCE) as client:

        async def work() -> None:
            while flood.stopped_by is None and next(numbers, None) is not None:
                await _one(prober, client, flood)

        async with anyio.create_task_group() as workers:
            for _ in range(_AT_ONCE):
                workers.start_soon(work)
    return flood


async def _one(prober: Prober, client: PushwooshClient, flood: Flood) -> None:
    message = prober.message("probe 10", users=prober.audience.strangers)
    answer = await prober.send(client, message)
    if answer.accepted:
        flood.taken.append(answer)
    elif flood.stopped_by is None:
        flood.stopped_by, flood.refused = answer, message


def judge_rate(taken: Sequence[Answer], stopped_by: Answer | None, again: Answer | None) -> Finding:
    """Say how many were taken in a minute.

    Args:
        taken: the answers of success.
        stopped_by: the first answer that was none; None if all were.
        again: where that was a 429, the answer to the same notification later.
    """
    if stopped_by is None:
        most = max((_in_minute_until(taken, last.sent) for last in taken), default=0)
        if most < _DOCUMENTED:
            answer = f"no 429; but only {most} requests went out in any minute"
            return Finding(answer, "leaves open", ("rate rule",))
        return Finding(f"no 429 in {most} requests within a minute", "supports", ("rate rule",))
    if not stopped_by.throttled:
        return could_not_be_asked(stopped_by, "rate rule")
    # Answered later are those that the client held back after the 429, and the API took after all.
    earlier = [answer for answer in taken if answer.answered <= stopped_by.answered]
    before = _in_minute_until(earlier, stopped_by.sent)
    answer = f"429 after {count(before, 'request')} within a minute: {_details(stopped_by)}"
    if again is not None:
        answer = f"{answer}. The refused one, later: {told(again)}"
    if again is not None and _was_remembered(again, taken):
        answer = f"{answer}: remembered, though refused"
        return Finding(answer, "contradicts", ("A7",), consequence=_STAY_BELOW)
    if before >= _DOCUMENTED:
        return Finding(answer, "supports", ("rate rule",))
    consequence = (
        f"RateLimit(requests={max(before, 1)}), or send --rate {max(before, 1)}/min, or less"
    )
    return Finding(answer, "contradicts", ("rate rule",), consequence=consequence)


def _was_remembered(again: Answer, taken: Sequence[Answer]) -> bool:
    """Tell whether an answer is one to a repeat: a refusal, or no code where the others got one."""
    if again.accepted:
        return again.code is None and any(answer.code is not None for answer in taken)
    return again.refused


def _in_minute_until(taken: Sequence[Answer], last: float) -> int:
    return len([answer for answer in taken if last - _MINUTE < answer.sent <= last])


def _details(answer: Answer) -> str:
    if answer.retry_after is None:
        return f"{told(answer)}, without Retry-After"
    return f"{told(answer)}, Retry-After {answer.retry_after:g} s"
