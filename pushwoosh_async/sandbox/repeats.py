"""What becomes of a notification whose transactionId is still remembered? It is never sent again."""

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.refusal import RefusedError
from pushwoosh_async.sandbox.transactions import Transactions
from pushwoosh_async.sandbox.truth import Tally

Repeat = Literal["same_code", "empty", "210", "409"]

_DUPLICATE = "Duplicate transactionId"


@frozen
class Repeats:
    """The guard against repeats.

    Attributes:
        way: how a repeat is answered; what the vendor does is unknown. With `210` and `409` one
            repeat among several notifications refuses the whole request.
    """

    way: Repeat
    transactions: Transactions
    tally: Tally

    def refusal(self, scope: str, ids: Sequence[str | None]) -> Answer | None:
        """Return the refusal of a request with these transactionIds, if that is the way."""
        if self.way not in ("210", "409"):
            return None
        repeats = self._count(scope, ids)
        self.tally.replays += repeats
        if not repeats:
            return None
        if self.way == "409":
            return answers.failed(409, _DUPLICATE)
        return answers.refused(_DUPLICATE)

    def earlier_code(self, scope: str, transaction_id: str | None) -> str | None:
        """Return the code of an earlier acceptance, and count the repeat; None for a fresh id."""
        code = self.transactions.code(scope, transaction_id)
        self.tally.replays += code is not None
        return code

    def remember(self, scope: str, transaction_id: str | None, code: str) -> None:
        """Guard an acceptance from now on."""
        self.transactions.remember(scope, transaction_id, code)

    def _count(self, scope: str, ids: Sequence[str | None]) -> int:
        """Count the repeats, those of a neighbour in the same request among them."""
        given = [each for each in ids if each is not None]
        fresh = {each for each in given if self.transactions.code(scope, each) is None}
        return len(given) - len(fresh)


def transaction_id(value: object) -> str | None:
    """Return the transactionId that a notification carries, None for none or an empty one.

    Raises:
        RefusedError: it is not a string.
    """
    if value is not None and not isinstance(value, str):
        raise RefusedError("Invalid transactionId. It must be a string.")
    return value or None
