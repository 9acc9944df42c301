"""What does createMessage do with a request? Refuses it, suppresses repeats, sends the rest."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from attrs import define, field

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.ledger import Ledger
from pushwoosh_async.sandbox.rules import Account, RefusedError, Sending
from pushwoosh_async.sandbox.transactions import Transactions
from pushwoosh_async.sandbox.truth import Tally

Repeat = Literal["same_code", "empty", "210", "409"]

CODE_NOT_AVAILABLE = "CODE_NOT_AVAILABLE"
# An immediate send to fewer gets no code [api.md 1.1].
CODED_AUDIENCE = 10

_DUPLICATE = "Duplicate transactionId"


@define
class CreateMessage:
    """The method, over the state it changes.

    Attributes:
        repeat: how a remembered transactionId is answered; what the vendor does is unknown. With
            `210` and `409` one repeat among several notifications refuses the whole request.
        unknown: ids that nobody has registered: not delivered to, reported in ``UnknownDevices``.
            The answer to a repeat does not name them again.
    """

    account: Account
    ledger: Ledger
    transactions: Transactions
    tally: Tally
    repeat: Repeat
    unknown: Collection[str]
    _serial: int = field(default=0, init=False)

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """Process a request, the content of ``{"request": ...}``, and return its answer."""
        try:
            application, sendings = self.account.read(request)
        except RefusedError as refusal:
            self.tally.rejected += 1
            return answers.refused(str(refusal))
        return self._refused_repeat(application, sendings) or self._sent(application, sendings)

    def _refused_repeat(self, application: str, sendings: Sequence[Sending]) -> Answer | None:
        if self.repeat not in ("210", "409"):
            return None
        repeats = self._repeats(application, sendings)
        self.tally.replays += repeats
        if not repeats:
            return None
        if self.repeat == "409":
            return answers.failed(409, _DUPLICATE)
        return answers.refused(_DUPLICATE)

    def _repeats(self, application: str, sendings: Sequence[Sending]) -> int:
        """Count the repeats, those of a neighbour in the same request among them."""
        ids = [each.transaction_id for each in sendings if each.transaction_id is not None]
        fresh = {each for each in ids if self.transactions.code(application, each) is None}
        return len(ids) - len(fresh)

    def _sent(self, application: str, sendings: Sequence[Sending]) -> Answer:
        codes: list[str] = []
        unknown: dict[str, list[str]] = {}
        for sending in sendings:
            code = self.transactions.code(application, sending.transaction_id)
            if code is None:
                codes.append(self._send(application, sending, unknown))
                continue
            self.tally.replays += 1
            if self.repeat == "same_code":
                codes.append(code)
        return answers.sent(codes, unknown)

    def _send(self, application: str, sending: Sending, unknown: dict[str, list[str]]) -> str:
        code = self._code(sending)
        self.transactions.remember(application, sending.transaction_id, code)
        self.tally.accepted += 1
        self.tally.broadcasts += sending.broadcast
        strangers = [each for each in sending.ids if each in self.unknown] if self.unknown else []
        if strangers:
            # Two notifications without a code share one key, as they do at the vendor's.
            key = "" if code == CODE_NOT_AVAILABLE else code
            unknown.setdefault(key, []).extend(strangers)
        known = sending.ids if not strangers else [i for i in sending.ids if i not in self.unknown]
        self.ledger.record(sending.notification, known)
        return code

    def _code(self, sending: Sending) -> str:
        if sending.immediate and 0 < len(sending.ids) < CODED_AUDIENCE:
            return CODE_NOT_AVAILABLE
        self._serial += 1
        # Odd factors permute 32 bits: the codes look like the vendor's and never meet.
        low, high = self._serial * 0x9E3779B1, self._serial * 0x85EBCA77
        return f"{self._serial & 0xFFFF:04X}-{high & 0xFFFFFFFF:08X}-{low & 0xFFFFFFFF:08X}"
