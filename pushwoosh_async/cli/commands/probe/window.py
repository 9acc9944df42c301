"""Questions 3 and 4: for how long is a transactionId remembered, and does a repeat make it longer?"""

import heapq
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pushwoosh_async.cli.commands.probe.answers import (
    Answer,
    fate,
    least_age,
    most_age,
    to_count,
    told,
)
from pushwoosh_async.cli.commands.probe.findings import Finding, could_not_be_asked, shorter_window
from pushwoosh_async.cli.commands.probe.prober import Prober

Pair: TypeAlias = tuple[Answer, Answer]

# Seconds: what the vendor says [ES:72], and how near to it the repeats go on either side.
WINDOW = 300.0
_BEFORE, _AFTER = 290.0, 310.0
# Two of each, begun at random moments of a minute: a server may forget by the whole minute.
_REPEATED_AFTER = {"3a": _BEFORE, "3b": _AFTER, "3c": _BEFORE, "3d": _AFTER}
_PHASE = 60.0
_BETWEEN = 200.0

WINDOW_SECONDS = _PHASE + _AFTER
SLIDING_SECONDS = _AFTER


async def window(prober: Prober) -> Finding:
    """Ask question 3: repeats 290 s and 310 s after the first."""
    return judge_window(await _repeats_around(prober, _REPEATED_AFTER))


async def _repeats_around(prober: Prober, after: Mapping[str, float]) -> list[Pair]:
    """Send each message at a random moment, and once more so many seconds after."""
    messages = {name: prober.message(f"probe {name}") for name in after}
    firsts: dict[str, Answer] = {}
    pairs: list[Pair] = []
    due = [(prober.now() + prober.rng.uniform(0, _PHASE), name) for name in after]
    heapq.heapify(due)
    while due:
        when, name = heapq.heappop(due)
        await prober.wait_until(when)
        answer = await prober.ask(messages[name])
        if name in firsts:
            pairs.append((firsts[name], answer))
        else:
            firsts[name] = answer
            heapq.heappush(due, (answer.sent + after[name], name))
    return pairs


def judge_window(pairs: Sequence[Pair]) -> Finding:
    """Say whether the window is as long as the vendor says."""
    inside = [pair for pair in pairs if most_age(*pair) <= WINDOW]
    outside = [pair for pair in pairs if least_age(*pair) >= WINDOW]
    within, beyond = ([fate(*pair) for pair in some] for some in (inside, outside))
    device = ", ".join(to_count(*pair) for pair in sorted(pairs, key=_label))
    if "sent" in within:
        least = min(most_age(*pair) for pair in inside if fate(*pair) == "sent")
        answer = f"sent again after {least:.0f} s: the window is shorter. {_beyond(beyond)}"
        return Finding(answer, "contradicts", ("A1",), device, shorter_window(least))
    if not within or "unclear" in within:
        told_all = "; ".join(dict.fromkeys(told(answer) for pair in pairs for answer in pair))
        return Finding(f"cannot be told: {told_all}", "leaves open", ("A1",), device)
    answer = f"dropped {len(within)} times of {len(within)} before 300 s. {_beyond(beyond)}"
    return Finding(answer, "supports", ("A1",), device)


def _label(pair: Pair) -> str:
    return pair[0].label


def _beyond(fates: Sequence[str]) -> str:
    if not fates or "unclear" in fates:
        return "Beyond 300 s: cannot be told"
    sent = fates.count("sent")
    if sent:
        return f"Beyond 300 s: sent again {sent} times of {len(fates)}, so the gate is needed"
    return f"Beyond 300 s: dropped {len(fates)} times of {len(fates)}, so the window is longer"


async def sliding(prober: Prober) -> Finding:
    """Ask question 4: a repeat after 200 s, and one after 310 s."""
    message = prober.message("probe 4")
    first = await prober.ask(message)
    await prober.wait_until(first.sent + _BETWEEN)
    between = await prober.ask(message)
    await prober.wait_until(first.sent + _AFTER)
    return judge_sliding(first, between, await prober.ask(message))


def judge_sliding(first: Answer, between: Answer, last: Answer) -> Finding:
    """Say from when the window counts."""
    if not first.accepted:
        return could_not_be_asked(first, "A1")
    early, late = fate(first, between), fate(first, last)
    if early == "sent" and most_age(first, between) <= WINDOW:
        age = most_age(first, between)
        answer = f"the repeat after {age:.0f} s was sent again"
        device = '"probe 4" twice at least'
        return Finding(answer, "contradicts", ("A1",), device, shorter_window(age))
    if early != "dropped" or late == "unclear" or least_age(first, last) < WINDOW:
        answer = f"cannot be told: {told(between)}; {told(last)}"
        return Finding(answer, "leaves open", ("A1",), '"probe 4", once or more')
    if late == "sent":
        answer = (
            "no: sent again after 310 s, so time counts from the first, as the library counts it"
        )
        return Finding(answer, "supports", ("A1",), '"probe 4" twice')
    answer = (
        "still dropped after 310 s: the repeat made it longer, or it is longer by itself (question 3). "
        "The library counts from the first, which is stricter"
    )
    return Finding(answer, "supports", ("A1",), '"probe 4" once')
