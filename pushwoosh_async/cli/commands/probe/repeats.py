"""Questions 1, 2 and 5: what becomes of a repeat at once, with another text, at the same time?"""

from collections.abc import Sequence

import anyio

from pushwoosh_async import Notification
from pushwoosh_async.cli.commands.probe.answers import (
    Answer,
    fate,
    in_order,
    to_count,
    told,
    told_repeat,
)
from pushwoosh_async.cli.commands.probe.findings import DO_NOT_REPEAT, Finding, could_not_be_asked
from pushwoosh_async.cli.commands.probe.prober import Prober

# A race that is tried once proves little.
_RACES = ("5a", "5b", "5c")
_SAME_TEXT = (
    "the library's own repeats are the same byte for byte, so nothing; but do not send another text "
    "under a transaction_id of yours"
)


async def repeat(prober: Prober) -> Finding:
    """Ask question 1: the same notification twice."""
    message = prober.message("probe 1")
    return judge_repeat(await prober.ask(message), await prober.ask(message))


def judge_repeat(first: Answer, second: Answer) -> Finding:
    """Say what the answer to a repeat is."""
    if not first.accepted:
        return could_not_be_asked(first, "A1", "A6")
    device = to_count(first, second)
    answer = told_repeat(first, second)
    found = fate(first, second)
    if found == "sent":
        answer = f"{answer}: a second message was made"
        return Finding(answer, "contradicts", ("A1",), device, DO_NOT_REPEAT)
    if found == "unclear":
        answer = f"{answer}; the first: {told(first)}. Only the device can tell"
        return Finding(answer, "leaves open", ("A1", "A6"), device)
    if second.accepted:
        return Finding(answer, "supports", ("A1", "A6"), device)
    answer = f"{answer}; so a repeat is dropped, and never clears a doubt"
    return Finding(answer, "supports", ("A1",), device)


async def other_text(prober: Prober) -> Finding:
    """Ask question 2: another text under the same id; where it is sent, the first one once more."""
    message = prober.message("probe 2a")
    other = prober.message("probe 2b", transaction_id=message.transaction_id)
    first, second = await prober.ask(message), await prober.ask(other)
    again = await prober.ask(message) if fate(first, second) == "sent" else None
    return judge_other_text(first, second, again)


def judge_other_text(first: Answer, second: Answer, again: Answer | None) -> Finding:
    """Say whether the id alone decides.

    Args:
        first: the answer to the first.
        second: the answer to another text under its id.
        again: the answer to the first one repeated; None where the second was not sent.
    """
    if not first.accepted:
        return could_not_be_asked(first, "A1", "A2")
    answer = told_repeat(first, second)
    found = fate(first, second)
    if again is not None and fate(first, again) != "dropped":
        same = told_repeat(first, again)
        answer = f"cannot be told: sent ({answer}), but so may the same text be: {same}"
        device = f'{to_count(first, again)}, "probe 2b" once'
        return Finding(answer, "leaves open", ("A1", "A2"), device)
    if found == "sent":
        answer = f"sent ({answer}): the text counts too, so all rests on A2"
        device = '"probe 2a" and "probe 2b" once each'
        return Finding(answer, "contradicts", ("A1",), device, _SAME_TEXT)
    if found == "unclear":
        device = '"probe 2a" once; "probe 2b" only if the text counts too'
        return Finding(answer, "leaves open", ("A1", "A2"), device)
    answer = f"dropped ({answer}): the id alone decides, which is more than A2 asks for"
    return Finding(answer, "supports", ("A1", "A2"), '"probe 2a" once, "probe 2b" never')


async def at_once(prober: Prober) -> Finding:
    """Ask question 5: the same notification twice, under way together."""
    return judge_at_once([await _race(prober, f"probe {name}") for name in _RACES])


async def _race(prober: Prober, label: str) -> tuple[Answer, Answer]:
    message = prober.message(label)
    before = len(prober.answers)

    async def run(notification: Notification) -> None:
        await prober.ask(notification)

    async with anyio.create_task_group() as both:
        both.start_soon(run, message)
        both.start_soon(run, message)
    one, other = prober.answers[before:]
    return one, other


def judge_at_once(races: Sequence[tuple[Answer, Answer]]) -> Finding:
    """Say whether one of two wins."""
    ordered = [in_order(*race) for race in races]
    fates = [fate(*race) for race in ordered]
    device = ", ".join(to_count(*race) for race in ordered)
    if "sent" in fates:
        answer = f"both were sent, {fates.count('sent')} times of {len(fates)}"
        return Finding(answer, "contradicts", ("A1",), device, DO_NOT_REPEAT)
    if "unclear" in fates:
        one, other = ordered[fates.index("unclear")]
        answer = f"cannot be told: {told(one)}; {told(other)}"
        return Finding(answer, "leaves open", ("A1",), device)
    answer = (
        f"one of the two, {len(fates)} times of {len(fates)}; the other: {told_repeat(*ordered[0])}"
    )
    return Finding(answer, "supports", ("A1",), device)
