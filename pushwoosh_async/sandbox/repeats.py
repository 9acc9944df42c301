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
        way: how a repeat is answered; what the vendor does is unknown, and each way is a guess. Among
            several notifications ``same_code`` gives it the first answer's code in its place, and
            ``empty`` leaves it out, so that there are fewer codes than notifications. With ``210``
            and ``409`` one repeat refuses the whole request.
        sends_beside: what such a request has besides repeats is sent all the same, although it is
            refused; else nothing of it is. A guess, too.
    """

    way: Repeat
    sends_beside: bool
    transactions: Transactions
    tally: Tally
    rulings: Rulings

    def refusal(self, scope: str, ids: Sequence[str | None]) -> Answer | None:
        """Return the refusal of a request with these transactionIds, if nothing of it is to be sent.

        Args:
            scope: within which an id is known again.
            ids: of its notifications in their order; None for one without, or for a bad one.
        """
        answer = self.refusal_once_sent()
        if answer is None:
            return None
        ruled = self._ruled(scope, ids)
        repeats = sum(ruling.verdict == "replay" for ruling in ruled)
        if not repeats or (self.sends_beside and repeats < len(ruled)):
            return None
        self.tally.replays += repeats
        for ruling in ruled:
            self.rulings.make(ruling.verdict, ruling.code)
        return answer

    def refusal_once_sent(self) -> Answer | None:
        """Return the refusal of a request with a repeat, the rest of which was sent; None for none."""
        if self.way == "409":
            return answers.failed(409, _DUPLICATE)
        return answers.refused(_DUPLICATE) if self.way == "210" else None

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
