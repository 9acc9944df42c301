"""What becomes of a request with a bad notification in it? What the vendor does is unknown [api.md 3]."""

from collections.abc import Collection, Sequence
from typing import Literal

from attrs import field, frozen

from pushwoosh_async.sandbox.refusal import RefusedError

BadNotification = Literal["refuses_all", "rest_sent", "dropped"]


@frozen
class BadNotifications:
    """The guard against notifications that break a rule. They are not sent, and use up no transactionId.

    Attributes:
        way: what becomes of the others in their request; all three are guesses. ``refuses_all`` (body
            code 210, nothing is sent), ``rest_sent`` (body code 210, though the others are sent) or
            ``dropped`` (200, with the codes of the others alone).
        ids: those that make a notification bad that names one.
    """

    way: BadNotification
    ids: frozenset[str] = field(repr=False)

    def check_ids(self, ids: Collection[str]) -> None:
        """Check the users or devices that a notification names.

        Raises:
            RefusedError: one of them is refused here on request.
        """
        if self.ids and not self.ids.isdisjoint(ids):
            raise RefusedError("An id is not accepted.")

    def check_rest(self, reasons: Sequence[str], number: int) -> None:
        """Decide, before anything is sent, whether the rest of a request may be.

        A request of bad notifications alone is refused in any way: with nothing to send there is
        nothing that 200 could be said to.

        Args:
            reasons: why each bad one is refused.
            number: of all notifications in the request.

        Raises:
            RefusedError: it may not; the first of the reasons.
        """
        if reasons and (self.way == "refuses_all" or len(reasons) == number):
            raise RefusedError(reasons[0])

    def check_sent(self, reasons: Sequence[str]) -> None:
        """Decide, once the rest is sent, whether its request is refused all the same.

        Raises:
            RefusedError: it is; the first of the reasons.
        """
        if reasons and self.way == "rest_sent":
            raise RefusedError(reasons[0])
