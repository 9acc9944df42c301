"""Which page of the history is next, and has the server moved on? Pure."""

from collections.abc import Sequence

from attrs import define

from pushwoosh_async.errors import UnexpectedResponseError
from pushwoosh_async.models.push_history import PushHistoryRow


@define
class Cursor:
    """Where in the history the reading is.

    The vendor does not say whether a page begins with the row that was named as the last one, or
    after it: a first row of that id is dropped, so that both are read right.

    The ids of all pages must go one way: down, in the vendor's sample. A server that takes no notice of
    the place it is told answers with its first page again, and with messages that came in meanwhile.

    Attributes:
        last: id of the last row so far; None before the first page.
    """

    last: int | None = None
    _rising: bool | None = None

    def advance(self, page: Sequence[PushHistoryRow]) -> Sequence[PushHistoryRow]:
        """Take a page and return its new rows; none of them: the history ends here.

        Raises:
            UnexpectedResponseError: the server did not move on, or gave no id to move on from.
        """
        rows = page[1:] if page and page[0].id == self.last else page
        ids = [row.id for row in rows if row.id]
        if rows and not ids:
            raise _stuck("a page has no id to go on from")
        if ids:
            self._move_to(ids[0])
            self._move_to(ids[-1])
        return rows

    def _move_to(self, place: int) -> None:
        if self.last is not None and place != self.last:
            rising = place > self.last
            if self._rising not in (None, rising):
                raise _stuck("the server answered with rows that came before")
            self._rising = rising
        self.last = place


def _stuck(reason: str) -> UnexpectedResponseError:
    return UnexpectedResponseError(
        f"getPushHistory: {reason}; stopped, as it would never end",
        http_status=200,
        status_code=200,
        method="getPushHistory",
        delivery="not_sent",
    )
