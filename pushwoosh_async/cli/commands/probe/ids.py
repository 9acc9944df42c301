"""Question 8: how long may a transactionId be, of which characters, and is it compared whole?"""

from collections.abc import Sequence
from dataclasses import dataclass

from pushwoosh_async.cli.commands.probe.answers import Answer, Fate, fate, to_count, told
from pushwoosh_async.cli.commands.probe.findings import Finding
from pushwoosh_async.cli.commands.probe.prober import Prober, new_id

# What `Notification.transaction_id` takes at most: a guess that this question is about.
_LONGEST = 255
_PLAIN_IDS = "give no transaction_id of your own but short plain ones: the library's own are UUIDs"


@dataclass(frozen=True)
class Trial:
    """Two requests whose ids are the same, or nearly so.

    Attributes:
        words: what is tried.
        first: the answer to the first.
        second: the answer to the second.
        expected: the second one's fate if the rule holds.
    """

    words: str
    first: Answer
    second: Answer
    expected: Fate

    @property
    def fate(self) -> Fate:
        """What became of the second."""
        return fate(self.first, self.second)


async def ids(prober: Prober) -> Finding:
    """Ask question 8: long ids, ids of odd characters, ids that differ in case."""
    long_id = new_id(prober.rng).ljust(_LONGEST, "0")
    long = prober.message("probe 8a", transaction_id=long_id)
    longer = prober.message("probe 8b", transaction_id=f"{long_id[:-1]}1")
    odd = prober.message("probe 8c", transaction_id=f'{new_id(prober.rng)} "é\\漢/')
    lower = prober.message("probe 8d", transaction_id=f"a{new_id(prober.rng)}")
    upper = prober.message("probe 8d", transaction_id=str(lower.transaction_id).upper())
    first_long = await prober.ask(long)
    trials = [
        Trial("255 characters, repeated", first_long, await prober.ask(long), "dropped"),
        Trial("255 characters, the last another", first_long, await prober.ask(longer), "sent"),
        Trial("odd characters, repeated", await prober.ask(odd), await prober.ask(odd), "dropped"),
    ]
    return judge_ids(trials, case=(await prober.ask(lower), await prober.ask(upper)))


def judge_ids(trials: Sequence[Trial], *, case: tuple[Answer, Answer]) -> Finding:
    """Say which of the trials went as the rule says; nothing rests on upper and lower case."""
    wrong = [f"{trial.words}: {_what(trial)}" for trial in trials if _breaks(trial)]
    unclear = [
        f"{trial.words}: cannot be told ({told(trial.first)}; {told(trial.second)})"
        for trial in trials
        if trial.fate == "unclear" and not _breaks(trial)
    ]
    about_case = {
        "sent": "upper and lower case differ",
        "dropped": "upper and lower case are the same",
        "unclear": "upper and lower case: cannot be told",
    }[fate(*case)]
    device = ", ".join(_to_count(trial) for trial in trials)
    device = f"{device}, {to_count(*case)}"
    if wrong:
        words = "; ".join([*wrong, about_case])
        return Finding(words, "contradicts", ("id rule",), device, _PLAIN_IDS)
    if unclear:
        return Finding("; ".join([*unclear, about_case]), "leaves open", ("id rule",), device)
    answer = f"255 characters and odd ones are taken, remembered and compared whole; {about_case}"
    return Finding(answer, "supports", ("id rule",), device)


def _to_count(trial: Trial) -> str:
    if trial.first.label == trial.second.label:
        return to_count(trial.first, trial.second)
    never = trial.fate == "dropped"
    return f'"{trial.second.label}" {"never" if never else "once"}'


def _breaks(trial: Trial) -> bool:
    return trial.first.refused or trial.fate not in (trial.expected, "unclear")


def _what(trial: Trial) -> str:
    if trial.first.refused:
        return f"refused ({told(trial.first)})"
    return "sent again, so not remembered" if trial.fate == "sent" else "dropped, so cut short"
