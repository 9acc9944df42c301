"""Which method does a request call, and what is its answer? Bytes in, answer out; no network."""

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.create_message import CreateMessage
from pushwoosh_async.sandbox.throttle import Throttle
from pushwoosh_async.sandbox.truth import Tally

PREFIX = "/json/1.3/"
CREATE_MESSAGE = "createMessage"


@frozen
class API:
    """The API's methods behind their paths."""

    create_message: CreateMessage
    throttle: Throttle
    tally: Tally

    def throttled(self, path: str) -> Answer | None:
        """Charge a request to the rate limit, and return the refusal when it is one too many.

        Only createMessage pays. It pays on arrival, whatever fault strikes it afterwards.
        """
        if method_name(path) != CREATE_MESSAGE:
            return None
        wait = self.throttle.wait()
        if wait is None:
            return None
        self.tally.throttled += 1
        return answers.throttled(wait)

    def answer(self, verb: str, path: str, body: bytes) -> Answer:
        """Process a request and return its answer."""
        if verb != "POST" or method_name(path) != CREATE_MESSAGE:
            return self._rejected(answers.failed(404, f"Unknown method: {verb} {path}"))
        request = _request(body)
        if request is None:
            return self._rejected(answers.malformed())
        return self.create_message.answer(request)

    def too_large(self) -> Answer:
        """Return the answer to a body over the limit."""
        return self._rejected(answers.failed(413, "Request entity too large"))

    def _rejected(self, answer: Answer) -> Answer:
        self.tally.rejected += 1
        return answer


def method_name(path: str) -> str:
    """Return the API method that a path calls, or the path itself when it calls none."""
    return path.removeprefix(PREFIX)


def _request(body: bytes) -> Mapping[str, Any] | None:
    """Return the content of ``{"request": {...}}``, or None when the body is anything else."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    request = document.get("request") if isinstance(document, dict) else None
    return request if isinstance(request, dict) else None
