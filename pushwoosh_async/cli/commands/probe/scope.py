"""Question 6: does a transactionId count for one application, for one token, or for the account?"""

from pushwoosh_async.cli.commands.probe.answers import Answer, fate, to_count, told, told_repeat
from pushwoosh_async.cli.commands.probe.findings import Finding, could_not_be_asked
from pushwoosh_async.cli.commands.probe.prober import Prober

_SAME_ACCESS = "keep to one token until every doubt is cleared: in a run, and in a new start of it"
# The options that name the other one.
APPLICATION = "--second-application"
TOKEN = "--second-token-file"  # noqa: S105 -- an option's name


async def other_application(prober: Prober) -> Finding:
    """Ask question 6 of another application."""
    message = prober.message("probe 6a")
    first = await prober.ask(message)
    return judge_other_application(first, await prober.ask(message, other=APPLICATION))


def judge_other_application(first: Answer, second: Answer) -> Finding:
    """Say whether two applications share their ids; nothing rests on either answer."""
    if not first.accepted:
        return could_not_be_asked(first, "scope rule")
    if second.outcome == "not_sent":
        return could_not_be_asked(second, "scope rule")
    found = fate(first, second)
    device = '"probe 6a" once in the first application'
    # A code may also be missing because the other application does not know the user.
    if found == "unclear" or (second.accepted and second.code is None and second.user_unknown):
        return Finding(f"cannot be told: {told(second)}", "leaves open", ("scope rule",), device)
    if found == "sent":
        answer = "another application has ids of its own; the rule asks for more than is needed"
        device = '"probe 6a" once in each application that knows the user'
        return Finding(answer, "supports", ("scope rule",), device)
    answer = f"applications share their ids ({told_repeat(first, second)}): the rule is needed"
    return Finding(answer, "supports", ("scope rule",), device)


async def other_token(prober: Prober) -> Finding:
    """Ask question 6 with another token."""
    message = prober.message("probe 6b")
    first = await prober.ask(message)
    return judge_other_token(first, await prober.ask(message, other=TOKEN))


def judge_other_token(first: Answer, second: Answer) -> Finding:
    """Say whether a run may go on with another token."""
    if not first.accepted:
        return could_not_be_asked(first, "A2")
    if second.outcome == "not_sent":
        return could_not_be_asked(second, "A2")
    found, device = fate(first, second), to_count(first, second)
    if found == "sent":
        answer = "sent again: ids count for a token, so a doubt must not be repeated under another"
        return Finding(answer, "contradicts", ("A2",), device, _SAME_ACCESS)
    if found == "unclear":
        return Finding(f"cannot be told: {told(second)}", "leaves open", ("A2",), device)
    answer = f"dropped under another token, too ({told_repeat(first, second)})"
    return Finding(answer, "supports", ("A2",), device)
