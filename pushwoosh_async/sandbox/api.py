"""Which method does a request call, and what is its answer? Bytes in, answer out; no network."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.methods.table import PREFIX, STATISTICS, Method
from pushwoosh_async.sandbox.refusal import RefusedError
from pushwoosh_async.sandbox.throttle import Throttle
from pushwoosh_async.sandbox.truth import Tally

_UNAUTHENTICATED, _INVALID_ARGUMENT = 16, 3

# What a request asks: the body, or what is wrapped in it.
Content = Mapping[str, Any]


@frozen
class API:
    """The API's methods behind their paths."""

    methods: Mapping[str, Method]
    account: Account
    throttle: Throttle
    tally: Tally

    def throttled(self, path: str) -> Answer | None:
        """Charge a request to the rate limit, and return the refusal when it is one too many.

        Only methods that send pay. They pay once their body is in, whatever fault strikes them then.
        """
        wait = self.throttle.wait() if self.sends(path) else None
        if wait is None:
            return None
        self.tally.throttled += 1
        return answers.throttled(wait)

    def sends(self, path: str) -> bool:
        """Return whether a path is that of a method that sends."""
        method = self.methods.get(path)
        return method is not None and method.pays

    def read(self, path: str, body: bytes) -> Content | None:
        """Return what a body asks of the method at a path, or None where it cannot be read."""
        method = self.methods.get(path)
        return None if method is None else _content(body, wrapped=method.wrapped)

    def answer(
        self, verb: str, path: str, authorization: str | None, content: Content | None
    ) -> Answer:
        """Process a request and return its answer.

        Args:
            verb: ``POST``, or what else it may be.
            path: without a query.
            authorization: the header of that name.
            content: what was read of its body.
        """
        method = self.methods.get(path)
        if verb != "POST" or method is None:
            return self._rejected(answers.failed(404, f"Unknown method: {verb} {path}"))
        if not self._admits(method, authorization):
            return self._rejected(_unauthorised(method))
        if content is None:
            return self._rejected(_malformed(method))
        try:
            return method.answer(content)
        except RefusedError as refusal:
            return self._rejected(refusal.answer)

    def notifications(self, path: str, content: Content | None) -> Sequence[Mapping[str, Any]]:
        """Return what a request to a method that sends wants sent; nothing of what cannot be read."""
        if content is None or not self.sends(path):
            return ()
        listed = content.get("notifications", [content])
        return (
            [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else ()
        )

    def too_large(self) -> Answer:
        """Return the answer to a body over the limit."""
        return self._rejected(answers.failed(413, "Request entity too large"))

    def _admits(self, method: Method, authorization: str | None) -> bool:
        if method.header is None:
            return True
        tokens = {"API": self.account.token, "device": self.account.device_token}
        return authorization == f"Token {tokens[method.header]}"

    def _rejected(self, answer: Answer) -> Answer:
        self.tally.rejected += 1
        return answer


def method_name(path: str) -> str:
    """Return the API method that a path calls, or the path itself when it calls none."""
    return STATISTICS.rpartition("/")[2] if path == STATISTICS else path.removeprefix(PREFIX)


def _content(body: bytes, *, wrapped: bool) -> Content | None:
    """Return what a body asks, or None when it is no object with an object where it belongs."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    content = document.get("request") if wrapped and isinstance(document, dict) else document
    return content if isinstance(content, dict) else None


def _unauthorised(method: Method) -> Answer:
    """Return HTTP 401 [H-401]; in the envelope its body is a guess."""
    if method.wrapped:
        return answers.failed(401, "Unauthorized")
    return answers.rpc_failed(401, _UNAUTHENTICATED, "unauthenticated")


def _malformed(method: Method) -> Answer:
    if method.wrapped:
        return answers.malformed()
    return answers.rpc_failed(400, _INVALID_ARGUMENT, "malformed request")
