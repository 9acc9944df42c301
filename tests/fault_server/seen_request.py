"""What came of one request, as far as it was read?"""

import json

from attrs import define


@define
class SeenRequest:
    """One request, as far as it was read."""

    head: bytes
    body: bytes = b""

    @property
    def target(self) -> str:
        """What stands between the method and the version."""
        return self.head.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> dict[str, str]:
        """The headers by lower-case name."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.split(":", 1) for line in lines if line)
        return {name.lower(): value.strip() for name, value in pairs}

    @property
    def length(self) -> int:
        """How long the body should be."""
        return int(self.headers.get("content-length", "0"))

    @property
    def is_complete(self) -> bool:
        """Whether the whole body was read."""
        return len(self.body) == self.length > 0

    @property
    def notifications(self) -> bytes:
        """The bytes of the notification objects: what a repeat must not change (A2)."""
        start = self.body.index(b'"notifications":[') + len(b'"notifications":[')
        return self.body[start : self.body.rindex(b'],"auth":')]

    @property
    def transaction_ids(self) -> tuple[str, ...]:
        """The transaction ids, in order."""
        listed = json.loads(self.body)["request"]["notifications"]
        return tuple(item["transactionId"] for item in listed)
