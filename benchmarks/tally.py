"""What is in a body: counted at C speed as it comes, and held against a full parse for a sample."""

import json
from dataclasses import asdict, dataclass

# No other text that is sent holds these: an id begins with `user-`, a notification has one content.
_ID = b'"user-'
_NOTIFICATION = b'"content"'

_SAMPLED_OF = 64
_MOST_SAMPLES = 12  # of up to 4 MB each


@dataclass(slots=True)
class Counts:
    """What the server saw since `begin`; the last five only where it was told to inspect.

    `refused` were answered 429. `in_minute` is the users it accepted in the limit's first minute.
    `checked` bodies were parsed as JSON afterwards, and `miscounted` did not hold what was counted.
    """

    connections: int = 0
    requests: int = 0
    body_bytes: int = 0
    refused: int = 0
    notifications: int = 0
    users: int = 0
    in_minute: int = 0
    checked: int = 0
    miscounted: int = 0


class Tally:
    """The counts of one run."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._accepted = 0
        self._samples: list[tuple[bytes, int, int]] = []

    def accept(self, body: bytes, *, in_minute: bool) -> int:
        """Count a body; the number of notifications in it."""
        users, notifications = body.count(_ID), body.count(_NOTIFICATION)
        self.counts.users += users
        self.counts.notifications += notifications
        if in_minute:
            self.counts.in_minute += users
        if self._accepted % _SAMPLED_OF == 0 and len(self._samples) < _MOST_SAMPLES:
            self._samples.append((body, users, notifications))
        self._accepted += 1
        return notifications

    def show(self) -> str:
        """The counts as JSON. Parses the samples: to be asked for when the run is over."""
        while self._samples:
            body, *counted = self._samples.pop()
            self.counts.checked += 1
            self.counts.miscounted += _parsed(body) != counted
        return json.dumps(asdict(self.counts))


def _parsed(body: bytes) -> list[int]:
    """Users and notifications, by reading them."""
    notifications = json.loads(body)["request"]["notifications"]
    return [sum(len(each["users"]) for each in notifications), len(notifications)]
