"""What becomes of a notification whose transactionId is still remembered? It is never sent again."""

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.refusal import RefusedError
from pushwoosh_async.sandbox.rulings import Ruling, Rulings
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
    rulings: Rulings

    def refusal(self, scope: str, ids: Sequence[str | None]) -> Answer | None:
        """Return the refusal of a request with these transactionIds, if that is the way."""
        if self.way not in ("210", "409"):
            return None
        ruled = self._ruled(scope, ids)
        repeats = sum(ruling.verdict == "replay" for ruling in ruled)
        self.tally.replays += repeats
        if not repeats:
            return None
        for ruling in ruled:
            self.rulings.make(ruling.verdict, ruling.code)
        if self.way == "409":
            return answers.failed(409, _DUPLICATE)
        return answers.refused(_DUPLICATE)

    def earlier_code(self, scope: str, transaction_id: str | None) -> str | None:
        """Return the code of an earlier acceptance, and count the repeat; None for a fresh id."""
        code = self.transactions.code(scope, transaction_id)
        if code is not None:
            self.tally.replays += 1
            self.rulings.make("replay", code)
        return code

    def remember(self, scope: str, transaction_id: str | None, code: str) -> None:
        """Guard an acceptance from now on."""
        self.transactions.remember(scope, transaction_id, code)

    def _ruled(self, scope: str, ids: Sequence[str | None]) -> list[Ruling]:
        """Tell the repeats, those of a neighbour in the same request among them, from the rest."""
        ruled: list[Ruling] = []
        neighbours: set[str] = set()
        for each in ids:
            code = self.transactions.code(scope, each)
            repeated = code is not None or each in neighbours
            ruled.append(Ruling("replay" if repeated else "rejected", code))
            if each is not None:
                neighbours.add(each)
        return ruled


def transaction_id(value: object) -> str | None:
    """Return the transactionId that a notification carries, None for none or an empty one.

    Raises:
        RefusedError: it is not a string.
    """
    if value is not None and not isinstance(value, str):
        raise RefusedError("Invalid transactionId. It must be a string.")
    return value or None
