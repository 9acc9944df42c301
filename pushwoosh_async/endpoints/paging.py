"""Which page of the history is next, and has the server moved on? Pure."""

from collections.abc import Sequence

from attrs import define

from pushwoosh_async.errors import UnexpectedResponseError
from pushwoosh_async.models.push_history import PushHistoryRow


@define
class Cursor:
    """Where in the history the reading is.

    The vendor does not say whether a page begins with the row that was named as the last one, or
    after it: that row is dropped where it comes again, so that both are read right. Nor does it
    promise an order within a page. But the last ids of the pages must go one way, and no other row
    may come again: else the server takes no notice of the place it is told, and would never end.
    Whatever is new in a page is read before that is complained about.
    """

    _last: int | None = None
    _rising: bool | None = None
    _ids: frozenset[int] = frozenset()  # of the page before
    _stuck: str = ""

    def place(self) -> int | None:
        """Return the id to go on from; None for the first page.

        Raises:
            UnexpectedResponseError: the server did not move on, or gave no id to move on from.
        """
        if self._stuck:
            raise UnexpectedResponseError(
                f"getPushHistory: {self._stuck}; stopped, as it would never end",
                http_status=200,
                status_code=200,
                method="getPushHistory",
                delivery="not_sent",
            )
        return self._last

    def advance(self, page: Sequence[PushHistoryRow]) -> Sequence[PushHistoryRow]:
        """Take a page and return its new rows. Without any the history ends, unless `place` complains."""
        ids = [row.id for row in page if row.id]
        if page and not ids:
            self._stuck = "a page has no id to go on from"
            return page
        again = self._ids.intersection(ids)
        went_back = bool(ids) and self._goes_back_to(ids[-1])
        if went_back or again - {self._last}:
            self._stuck = "the server answered with rows that came before"
        if ids:
            self._last, self._ids = ids[-1], frozenset(ids)
        return () if went_back else [row for row in page if row.id not in again]

    def _goes_back_to(self, last: int) -> bool:
        """Tell whether the last ids turn round; the first two say which way they go."""
        if self._last is None or last == self._last:
            return False
        before, self._rising = self._rising, last > self._last
        return before not in (None, self._rising)
