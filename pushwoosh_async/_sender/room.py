"""Is there room for one more await? Bounded in count and bytes; who finds none waits in line."""

from collections.abc import Iterator

from pushwoosh_async._sender.shelf import Entry


class Room:
    """The awaits that are pending, in numbers, and those that wait for room.

    One that is larger than the bound is let in when nothing else is pending.
    """

    def __init__(self, *, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._taken = 0
        self._bytes = 0
        self.line: dict[Entry, None] = {}

    def take(self, entry: Entry) -> bool:
        """Take room, if there is some and nobody waits for it."""
        if self.line or not self._fits(entry):
            return False
        self._taken += 1
        self._bytes += entry.bytes
        return True

    def give(self, entry: Entry) -> None:
        """Give room back."""
        self._taken -= 1
        self._bytes -= entry.bytes

    def admit(self) -> Iterator[Entry]:
        """Let in who waits, in line, as far as there is room."""
        while self.line:
            entry = next(iter(self.line))
            if not self._fits(entry):
                return
            del self.line[entry]
            self._taken += 1
            self._bytes += entry.bytes
            yield entry

    def _fits(self, entry: Entry) -> bool:
        within = self._taken < self._most and self._bytes + entry.bytes <= self._most_bytes
        return within or not self._taken
