"""What does totalsByIntervals count? What a message sent, by hour and platform [api.md 4.1]."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.messages import Message, Messages
from pushwoosh_async.sandbox.methods.rules import read_platforms
from pushwoosh_async.sandbox.methods.wire_forms import timestamp
from pushwoosh_async.sandbox.refusal import RefusedError

_INVALID_ARGUMENT, _NOT_FOUND = 3, 5
_HOUR = 3600


@frozen
class TotalsByIntervals:
    """The method, over what it reads. Every count is a text, as the vendor writes them."""

    messages: Messages

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """Return the totals of one message; a message still to be sent has none.

        Raises:
            RefusedError: HTTP 400 for a wrong argument, 404 for an unknown message.
        """
        code, named = request.get("message_code"), _platforms(request)
        if not isinstance(code, str) or not code:
            raise _refusal(400, _INVALID_ARGUMENT, "message_code is required")
        message = self.messages.find(code)
        if message is None:
            raise _refusal(404, _NOT_FOUND, "message not found")
        sends = self._sends(message, named)
        metrics = [_metric(message, platform, count) for platform, count in sorted(sends.items())]
        conversion = {"sends": str(sends.total()), "opens": "0", "events": []}
        return answers.bare({"metrics": metrics, "conversion": conversion})

    def _sends(self, message: Message, named: Collection[int] | None) -> Counter[int]:
        sends: Counter[int] = Counter()
        if self.messages.status(message) == "done":
            for counts in message.reach.values():
                sends.update(counts)
        return Counter({each: sends[each] for each in sends if named is None or each in named})


def _platforms(request: Mapping[str, Any]) -> Collection[int] | None:
    try:
        return read_platforms(request)
    except RefusedError as refusal:
        reason = str(refusal)
    raise _refusal(400, _INVALID_ARGUMENT, reason)


def _metric(message: Message, platform: int, count: int) -> dict[str, object]:
    return {
        "timestamp": timestamp(message.due // _HOUR * _HOUR),
        "platform": platform,
        "sends": str(count),
        "opens": "0",
        "deliveries": str(count),
        "inbox_opens": "0",
        "unshowable_sends": "0",
        "errors": "0",
    }


def _refusal(status: int, code: int, reason: str) -> RefusedError:
    return RefusedError(reason, answers.rpc_failed(status, code, reason))
