"""Question 9: how does the API answer under ten ids and over ten, when it does not know some of them?"""

from pushwoosh_async.cli.commands.probe.answers import Answer, told
from pushwoosh_async.cli.commands.probe.findings import Finding
from pushwoosh_async.cli.commands.probe.prober import Prober
from pushwoosh_async.cli.words import count


async def shapes(prober: Prober) -> Finding:
    """Ask question 9: the test user and one stranger; then strangers alone, whom nobody is."""
    user, strangers = prober.audience.user, prober.audience.strangers
    under = await prober.ask(prober.message("probe 9a", users=(user, strangers[0])))
    return judge_shapes(under, await prober.ask(prober.message("probe 9b", users=strangers)))


def judge_shapes(under: Answer, over: Answer) -> Finding:
    """Say who gets a code, and under which key unknown ids are named."""
    answer = f"under ten: {_shape(under)}; over ten, all unknown: {_shape(over)}"
    names = ("code rule",)
    device = '"probe 9a" once' if under.accepted else ""
    if not (under.accepted and over.accepted):
        return Finding(answer, "leaves open", names, device)
    if under.code is not None:
        answer = f"{answer}. The rule is not needed"
        consequence = "nothing: the library is only more careful than it need be"
        return Finding(answer, "contradicts", names, device, consequence)
    if over.code is None:
        return Finding(f"{answer}, maybe as nobody got it", "leaves open", names, device)
    return Finding(answer, "supports", names, device)


def _shape(answer: Answer) -> str:
    if not answer.accepted:
        return told(answer)
    unknown = [
        f"{count(number, 'unknown id')} {_key(key, answer)}"
        for key, number in answer.unknown.items()
    ]
    return ", ".join([told(answer), *(unknown or ["no unknown ids named"])])


def _key(key: str, answer: Answer) -> str:
    if not key:
        return "under no key, or the empty one"  # the client shows a bare list as one under ""
    return "under the code" if key == answer.code else "under another key"
