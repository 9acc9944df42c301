"""What did the API answer, and what became of a repeat? One answer, and two side by side. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from pushwoosh_async import APIError, Delivery, MessageResult, PushwooshError

Fate: TypeAlias = Literal["dropped", "sent", "unclear"]
"""What became of a repeat: not sent again, sent once more, or nobody can tell from the answers."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one request came to. Holds no recipient.

    Attributes:
        label: the text of the messages in it, such as ``"probe 3b"``.
        sent: when it was sent, in seconds since the probe began.
        answered: when its answer was there, likewise.
        outcome: ``"accepted"``, or the error's `delivery`.
        codes: one for each notification, where it was accepted; None where the API gave none.
        unknown: how many ids the API did not know, by the key it named them under.
        user_unknown: the test user is among those.
        http_status: None where no answer came.
        status_code: of the body; None where it has none.
        text: the API's own words, or what went wrong on the way; empty when accepted.
        retry_after: seconds that the API asked to wait.
        to_user: the labels of those of its messages that go to the test user.
    """

    label: str
    sent: float
    answered: float
    outcome: Literal["accepted"] | Delivery
    codes: tuple[str | None, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    user_unknown: bool = False
    http_status: int | None = None
    status_code: int | None = None
    text: str = ""
    retry_after: float | None = None
    to_user: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it was accepted."""
        return self.outcome == "accepted"

    @property
    def code(self) -> str | None:
        """The code of its only notification; None where the API gave none."""
        return self.codes[0] if len(self.codes) == 1 else None

    @property
    def refused(self) -> bool:
        """Whether the API said no to what was asked: body code 210, or an HTTP status of 4xx.

        A 409 is one here, though the library counts it as in doubt: the probe compares answers.
        """
        status = self.http_status or 0
        return (
            not self.accepted
            and not self.throttled
            and (self.status_code == 210 or 400 <= status < 500)
        )

    @property
    def lost(self) -> bool:
        """Whether it may have been sent, and no answer says so."""
        return self.outcome == "in_doubt" and not self.refused

    @property
    def throttled(self) -> bool:
        """Whether it was one request too many."""
        return 429 in (self.http_status, self.status_code)


def accepted(
    label: str,
    times: tuple[float, float],
    result: MessageResult,
    user: str,
    to_user: tuple[str, ...],
) -> Answer:
    """Return the answer that a result is.

    Args:
        label: of the messages.
        times: when it was sent, and when it was answered.
        result: what the client returned.
        user: the test user.
        to_user: see `Answer`.
    """
    return Answer(
        label=label,
        sent=times[0],
        answered=times[1],
        outcome="accepted",
        codes=result.message_codes,
        unknown={key: len(ids) for key, ids in result.unknown_devices.items()},
        user_unknown=any(user in ids for ids in result.unknown_devices.values()),
        http_status=200,
        status_code=200,
        to_user=to_user,
    )


def failed(
    label: str, times: tuple[float, float], error: PushwooshError, to_user: tuple[str, ...]
) -> Answer:
    """Return the answer that an error is; arguments as for `accepted`."""
    details: dict[str, Any] = {"text": str(error), "to_user": to_user}
    if isinstance(error, APIError):
        # Of success that the client could not read, its reason says more than the API's "OK".
        unread = error.http_status == 200 and error.status_code in (None, 200)
        details |= {
            "http_status": error.http_status,
            "status_code": error.status_code,
            "text": str(error) if unread else error.status_message,
            "retry_after": error.retry_after,
        }
    return Answer(label=label, sent=times[0], answered=times[1], outcome=error.delivery, **details)


def told(answer: Answer) -> str:
    """Return an answer in words, such as ``"200 without a code"`` or ``"HTTP 409: Duplicate"``."""
    if answer.accepted:
        codes = len([code for code in answer.codes if code is not None])
        if len(answer.codes) > 1:
            return f"200 with {codes} codes for {len(answer.codes)} messages"
        return "200 with a code" if codes else "200 without a code"
    if answer.http_status is None:
        return f"no answer ({answer.text})"
    status = f"HTTP {answer.http_status}"
    if answer.status_code not in (None, answer.http_status):
        status = f"{status}, status_code {answer.status_code}"
    return f"{status}: {answer.text}" if answer.text else status


def told_repeat(first: Answer, repeat: Answer) -> str:
    """Return the answer to a repeat in words, as `told`, and whether its code is the first one's."""
    if first.accepted and repeat.accepted and first.code is not None and repeat.code is not None:
        return f"200 with {'the first' if first.code == repeat.code else 'another'} one's code"
    return told(repeat)


def fate(first: Answer, repeat: Answer) -> Fate:
    """Return what became of a repeat of the same transactionId.

    The first one's code again, or none where the first had one, or a refusal of what was accepted
    before: then it was dropped. Another code is another message. Without codes nobody can tell.
    """
    if not first.accepted:
        return "unclear"
    if not repeat.accepted:
        return "dropped" if repeat.refused else "unclear"
    if first.code is None and repeat.code is None:
        return "unclear"
    return "dropped" if repeat.code in (None, first.code) else "sent"


def to_count(first: Answer, repeat: Answer) -> str:
    """Return how often a device must show a message that was sent twice, if the answers are true."""
    unclear = "once or twice" if first.accepted or repeat.accepted else "at most twice"
    times = {"dropped": "once", "sent": "twice", "unclear": unclear}[fate(first, repeat)]
    return f'"{first.label}" {times}'


def in_order(one: Answer, other: Answer) -> tuple[Answer, Answer]:
    """Return two that were under way together, the one first that was surely taken: it has a code."""
    first, second = sorted((one, other), key=lambda each: (not each.accepted, each.code is None))
    return first, second


def least_age(first: Answer, repeat: Answer) -> float:
    """Return the least time between the processing of two requests, in seconds."""
    return repeat.sent - first.answered


def most_age(first: Answer, repeat: Answer) -> float:
    """Return the most time between the processing of two requests, in seconds."""
    return repeat.answered - first.sent
