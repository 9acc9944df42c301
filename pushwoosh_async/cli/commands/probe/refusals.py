"""Questions 7 and 11: what does a refused notification leave behind, alone and among others?"""

from dataclasses import replace

from pushwoosh_async import Notification
from pushwoosh_async.cli.commands.probe.answers import Answer, fate, to_count, told, told_repeat
from pushwoosh_async.cli.commands.probe.findings import Finding, could_not_be_asked
from pushwoosh_async.cli.commands.probe.prober import Prober

# What can be wrong and still pass our own checks: codes and a zone that do not exist. All at once, as
# nobody knows which of them the vendor looks at. It has users, so the worst is a message to them.
_NOWHERE = "00000-00000"
_WRONG = {
    "preset": _NOWHERE,
    "campaign": _NOWHERE,
    "rich_media": _NOWHERE,
    "timezone": "Nowhere/Nowhere",
}
_TAKEN = "a preset, campaign, rich media and time zone that do not exist were all accepted"
_ONE_AT_A_TIME = "one notification in each create_message, and notifications_per_request left at 1"


def wrong_message(prober: Prober, label: str) -> Notification:
    """Return a notification that passes our checks and names what does not exist."""
    return prober.message(label, **_WRONG)


async def refused(prober: Prober) -> Finding:
    """Ask question 7: a wrong notification, then a right one under its id."""
    wrong = wrong_message(prober, "probe 7a")
    first = await prober.ask(wrong)
    if not first.refused:
        return judge_refused(first, None)
    right = prober.message("probe 7b", transaction_id=wrong.transaction_id)
    return judge_refused(first, await prober.ask(right))


def judge_refused(wrong: Answer, right: Answer | None) -> Finding:
    """Say whether a refusal uses an id up.

    Args:
        wrong: the answer to the wrong one.
        right: the answer to the right one after it; None where the wrong one was not refused.
    """
    if wrong.accepted:
        return Finding(f"could not be asked: {_TAKEN}", "leaves open", ("A5",), '"probe 7a" once')
    if right is None:
        return could_not_be_asked(wrong, "A5")
    refusal = f"refused with {told(wrong)}"
    if right.accepted and right.code is not None:
        answer = f"no: {refusal}; the right one under its id: 200 with a code"
        return Finding(answer, "supports", ("A5",), '"probe 7a" never, "probe 7b" once')
    answer = f"{refusal}; the right one under its id: {told(right)}"
    if right.refused:
        answer = (
            f"yes: {answer}. What is sent after a refusal needs a new id, as the library gives it"
        )
        return Finding(answer, "leaves open", ("A5",), '"probe 7a" and "probe 7b" never')
    return Finding(
        answer, "leaves open", ("A5",), '"probe 7a" never; "probe 7b" once if it was sent'
    )


async def array(prober: Prober) -> Finding:
    """Ask question 11: a wrong notification between two right ones, then the right ones alone."""
    one = prober.message("probe 11a")
    other = prober.message("probe 11c")
    together = await prober.ask(one, wrong_message(prober, "probe 11b"), other)
    if together.accepted:
        return judge_taken_array(together, await prober.ask(one), await prober.ask(other))
    # Another text, so that the device shows which of the two was sent.
    alone_one, alone_other = (
        prober.message(f"{message.content} alone", transaction_id=message.transaction_id)
        for message in (one, other)
    )
    answers = [await prober.ask(message) for message in (alone_one, alone_other, alone_one)]
    return judge_refused_array(together, *answers)


def judge_taken_array(together: Answer, one: Answer, other: Answer) -> Finding:
    """Say what repeats outside the array came to, where the API took the array whole.

    Args:
        together: the answer to the array of three.
        one: the answer to the first of them alone.
        other: the answer to the last of them alone.
    """
    pairs = (_part(together, 0, one.label), one), (_part(together, 2, other.label), other)
    fates = {fate(*pair) for pair in pairs}
    taken = f"taken whole: {_TAKEN} ({told(together)}). Alone, under the same ids: "
    device = ", ".join([*(to_count(*pair) for pair in pairs), '"probe 11b" once'])
    if "sent" in fates:
        return Finding(f"{taken}sent again", "contradicts", ("A8",), device, _ONE_AT_A_TIME)
    if "unclear" in fates:
        answer = f"{taken}cannot be told: {told(one)}; {told(other)}"
        return Finding(answer, "leaves open", ("A8",), device)
    return Finding(f"{taken}dropped ({told_repeat(*pairs[0])})", "supports", ("A8",), device)


def judge_refused_array(together: Answer, one: Answer, other: Answer, again: Answer) -> Finding:
    """Say which of an array were taken that was not accepted.

    Args:
        together: the answer to the array of three.
        one: the answer to the first of them alone.
        other: the answer to the last of them alone.
        again: the answer to the first of them alone, repeated.
    """
    names = ("A8", "pack rule")
    if not together.refused and together.http_status != 200:
        return could_not_be_asked(together, *names)
    whole = f"the array: {told(together)}"
    alone = {"probe 11a": one, "probe 11c": other}
    used_up = {name: told(answer) for name, answer in alone.items() if answer.refused}
    unclear = [name for name, answer in alone.items() if not answer.refused and not answer.code]
    device = '"probe 11b" never; "probe 11a" and "probe 11c" with "alone" if not taken in the array'
    if used_up:
        words = "; ".join(f"{name} alone: {answer}" for name, answer in used_up.items())
        answer = f"{whole}; yet it used ids up ({words}). Only the device can tell which were sent"
        return Finding(answer, "supports", ("pack rule",), device)
    # Only where a repeat is dropped without the first answer's code does a code prove a first time.
    if unclear or fate(one, again) != "dropped" or again.code == one.code:
        answer = (
            f"{whole}; alone: {told(one)}; {told(other)}. Only the device can tell which were taken"
        )
        return Finding(answer, "leaves open", names, device)
    answer = f"{whole}; none had been taken, as alone each was accepted. The rule asks for more"
    return Finding(answer, "supports", ("pack rule",), device)


def _part(together: Answer, position: int, label: str) -> Answer:
    """Return what an array's answer says of one of its notifications."""
    return replace(together, label=label, codes=(together.codes[position],))
