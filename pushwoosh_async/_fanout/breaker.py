"""May a new chunk begin? Not while everything fails in doubt: an outage must not put all in doubt."""


class Breaker:
    """Opens after `limit` consecutive doubts; one answer of any kind closes it (delivery.md 2.7).

    While it is open the repeats of open doubts are the probes. Where there are none left, one new chunk
    at a time is.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._consecutive = 0

    def doubted(self) -> None:
        """An attempt was handed over and not answered."""
        self._consecutive += 1

    def answered(self) -> None:
        """The server spoke clearly: it is there."""
        self._consecutive = 0

    def may_begin(self, *, under_way: int) -> bool:
        """Tell whether a new chunk may begin while `under_way` others have begun and are not settled."""
        return self._consecutive < self._limit or under_way == 0
