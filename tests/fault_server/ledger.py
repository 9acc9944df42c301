"""What does the API behind a fault server know of messages? Who was sent to, and which ids it has seen.

It plays A1: within the window a transactionId that was accepted is not sent again. How it answers such a
repeat is unknown at the vendor, so each guess can be asked for.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Literal, TypeAlias

from attrs import field, frozen
from oracle import Arrival

from .scripts import http
from .seen_request import SeenRequest

Repeat: TypeAlias = Literal["same_code", "empty", "210", "409"]


@frozen
class Taken:
    """An acceptance that is remembered."""

    at: float
    code: str


@frozen
class Ledger:
    """Everybody whom the API has sent to, in order.

    Attributes:
        repeat: how a repeat inside the window is answered; it is never sent.
        window: seconds for which a transactionId is remembered.
        wall: the clock, as seconds since the epoch; that of the client, where time is a test's.
        arrivals: of whole notifications, in order: what `oracle.check` wants.
    """

    repeat: Repeat = "same_code"
    window: float = 300.0
    wall: Callable[[], float] = time.time
    arrivals: list[Arrival] = field(factory=list)
    _taken: dict[str, Taken] = field(factory=dict)

    def take(self, request: SeenRequest) -> bytes:
        """Send what a whole createMessage asks for, and return the answer, HTTP and all."""
        now = self.wall()
        codes = []
        for notification in json.loads(request.body)["request"]["notifications"]:
            arrival = self._arrival(notification, now)
            self.arrivals.append(arrival)
            if arrival.verdict == "replay" and self.repeat in {"210", "409"}:
                return _refusal(self.repeat)
            if arrival.verdict == "accepted" or self.repeat == "same_code":
                codes.append(arrival.code)
        response = {"Messages": codes}
        body = {"status_code": 200, "status_message": "OK", "response": response}
        return http(200, json.dumps(body).encode())

    def sent_to(self) -> Counter[str]:
        """Return how often each recipient was sent to."""
        found = (a.ids for a in self.arrivals if a.verdict == "accepted")
        return Counter(recipient for ids in found for recipient in ids)

    def _arrival(self, notification: dict[str, object], now: float) -> Arrival:
        kind = next((k for k in ("users", "devices", "filter") if notification.get(k)), "broadcast")
        ids = notification[kind] if kind in {"users", "devices"} else []
        assert isinstance(ids, list)
        name = notification.get("transactionId")
        assert name is None or isinstance(name, str)
        before = self._taken.get(name) if name is not None else None
        if before is None or now - before.at > self.window:
            before, verdict = Taken(now, f"CODE-{len(self._taken) + 1}"), "accepted"
            if name is not None:
                self._taken[name] = before
        else:
            verdict = "replay"
        return Arrival(
            order=len(self.arrivals) + 1,
            at=now,
            method="createMessage",
            transaction_id=name,
            kind=kind,
            ids=tuple(ids),
            verdict=verdict,
            code=before.code,
        )


def _refusal(repeat: Repeat) -> bytes:
    if repeat == "409":
        return http(409, b'{"status_code":409,"status_message":"Duplicate","response":null}')
    return http(200, b'{"status_code":210,"status_message":"Duplicate","response":null}')
