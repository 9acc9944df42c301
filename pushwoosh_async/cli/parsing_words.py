"""How is a complaint of typer's parser said like our own: the option, then the rule? Pure."""

import re

_INVALID = r"Invalid value for '([^']+)'.*: .*"

_RULES = (
    (_INVALID + r"\bvalid integer\b.*", r"\1: must be a whole number"),
    (_INVALID + r"\bvalid (?:number|float)\b.*", r"\1: must be a number"),
    (_INVALID + r" is not one of (.+?)\.?", r"\1: must be one of \2"),
    (r"Option '([^']+)' requires an argument\.", r"\1: needs a value"),
)


def in_our_words(complaint: str) -> str:
    """Return a complaint of the parser as the option and the rule; as it is, where we know no better."""
    for pattern, words in _RULES:
        match = re.fullmatch(pattern, complaint, re.DOTALL)
        if match:
            return match.expand(words)
    return complaint
