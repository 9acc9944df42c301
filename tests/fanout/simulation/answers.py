"""What does the server say? Answers, and what each tells of the notifications in its request."""

import json

from attrs import field, frozen


@frozen
class Answer:
    """What comes back, whole: a status of 0 is a connection reset."""

    status: int
    body: bytes = b"{}"
    headers: dict[str, str] = field(factory=dict)

    def is_clear(self, count: int) -> bool:
        """Whether it says what became of a request with so many notifications."""
        if count > 1:
            return self.accepts(count)
        if self.status != 200:
            return self.status in {401, 403, 404, 429}
        return any(b'"status_code": %d' % code in self.body for code in (200, 210, 401, 429))

    def accepts(self, count: int) -> bool:
        """Whether it says that so many notifications were taken, all of them."""
        if self.status != 200 or b'"status_code": 200' not in self.body:
            return False
        codes = json.loads(self.body).get("response", {}).get("Messages", [])
        return count == 1 or len(codes) == count


def said(code: int, **more: object) -> bytes:
    """Return a body with a status of its own."""
    return json.dumps({"status_code": code, **more}).encode()


def refused(why: str) -> Answer:
    """Return a refusal of what was asked for."""
    return Answer(200, said(210, status_message=why))


def accepted(codes: list[str]) -> Answer:
    """Return an acceptance."""
    return Answer(200, said(200, response={"Messages": codes}))


RESET = Answer(0)
REVOKED = (
    Answer(401, said(401)),
    Answer(403),
    Answer(404),
    Answer(200, said(401)),
    refused("Account not found"),
)
UNREADABLE = (
    RESET,
    Answer(502),
    Answer(408),
    Answer(200, b'{"status_code": 2'),
    Answer(200, b"<html>"),
    Answer(200, b""),
    Answer(200, said(500)),
)
