"""What does an answer mean for the library? Findings, and the assumptions they bear on. Pure."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pushwoosh_async.cli.commands.probe.answers import Answer, told

Verdict: TypeAlias = Literal["supports", "contradicts", "leaves open", "not asked"]

ASSUMPTIONS = {
    "A1": "Two requests with one transactionId less than 300 s apart are sent once at most.",
    "A2": "That holds for an identical notification; the rest of the request, the token too, may differ.",
    "A5": "A refusal (210, 4xx) of one notification comes before anything is sent.",
    "A6": "Success in answer to a repeat means that one of the attempts was accepted.",
    "A7": "A 429 comes before processing.",
    "A8": "In an array each transactionId counts for itself, and as many codes mean that all were taken.",
    "pack rule": "An array that is refused is in doubt as a whole, and each of it is repeated alone.",
    "id rule": "A transactionId is 1 to 255 printable characters, and is compared whole.",
    "scope rule": "A chunk's transactionId is made from its application too, so no two share one.",
    "code rule": "Under ten ids get no message code, so the last chunk of a run is not left so small.",
    "rate rule": "600 requests a minute are taken.",
    "idle rule": "The server keeps an idle connection for longer than the 4 s that the client does.",
}
"""By name. A1 to A8 as in the README, rules as the library follows them. A3 and A4 no server can tell."""


@dataclass(frozen=True)
class Finding:
    """What one question brought.

    Attributes:
        answer: what was learnt, in words.
        verdict: what that says of the assumptions.
        assumptions: keys of `ASSUMPTIONS`.
        device: what must be seen on the test user's devices if the answers are true; empty for nothing.
        consequence: what to change if an assumption is contradicted; empty where none is.
    """

    answer: str
    verdict: Verdict
    assumptions: tuple[str, ...]
    device: str = ""
    consequence: str = ""


# A chunk has no such switch: see `RetryPolicy`.
DO_NOT_REPEAT = (
    "do not repeat a doubt: RetryPolicy(max_attempts=1) for single calls; a fan-out repeats all the same, "
    "and those in accepted_on_repeat may have got it twice"
)


def shorter_window(seconds: float) -> str:
    """Return what follows where a repeat was sent again that came within the window."""
    return (
        f"RetryPolicy(window=...) below {seconds:.0f}, with a timeout and margin that fit into it; "
        "until then repeats may send twice"
    )


def could_not_be_asked(answer: Answer, *assumptions: str) -> Finding:
    """Return the finding of a question whose first request did not come to what it needs."""
    return Finding(f"could not be asked: {told(answer)}", "leaves open", assumptions)
