"""What really happened? The sandbox's counters, and the picture of them that it hands out."""

from collections import Counter
from collections.abc import Mapping

from attrs import Factory, define, fields_dict, frozen

from pushwoosh_async.sandbox.ledger import Ledger


@frozen(kw_only=True)
class Truth:
    """What the sandbox saw and did, at one instant.

    Attributes:
        recipients: different ids delivered to.
        deliveries: deliveries to them, in total. A scheduled message counts from its acceptance.
        duplicates: deliveries beyond the first, over all ids.
        replays: notifications not sent because their transactionId was still remembered.
        connections: TCP connections accepted.
        requests: API requests whose headers arrived, whatever became of them.
        accepted: notifications accepted and sent, broadcasts among them; not replays. Those that were
            sent out of a request that was refused are among them.
        rejected: requests refused for what they said: body code 210, HTTP 400, 401, 404, 413.
            Refused repeats are counted in `replays` alone; and a request that is answered 200 without
            its bad notifications is not refused.
        throttled: requests answered with HTTP 429.
        broadcasts: accepted notifications that named no audience and so went to every subscriber.
        cancelled: scheduled messages that were deleted or cancelled before their date.
        recalled: those of the `deliveries` that cancelling undid. The ledger keeps no list of whom a
            message goes to, so it cannot take them out one by one.
        faults: faults played, by name.
        by_method: API requests by method, or by path where that is no method's.
    """

    recipients: int
    deliveries: int
    duplicates: int
    replays: int
    connections: int
    requests: int
    accepted: int
    rejected: int
    throttled: int
    broadcasts: int
    cancelled: int
    recalled: int
    faults: Mapping[str, int]
    by_method: Mapping[str, int]


@define(kw_only=True)
class Tally:
    """The counters while they count; `Truth` says what each means."""

    connections: int = 0
    requests: int = 0
    accepted: int = 0
    rejected: int = 0
    throttled: int = 0
    broadcasts: int = 0
    cancelled: int = 0
    recalled: int = 0
    replays: int = 0
    faults: Counter[str] = Factory(Counter)
    by_method: Counter[str] = Factory(Counter)

    def clear(self) -> None:
        """Begin again at zero."""
        fresh = Tally()
        for name in fields_dict(Tally):
            setattr(self, name, getattr(fresh, name))

    def truth(self, ledger: Ledger) -> Truth:
        """Return the counters and the ledger's sums as they are now."""
        return Truth(
            recipients=ledger.recipients,
            deliveries=ledger.total,
            duplicates=ledger.total - ledger.recipients,
            replays=self.replays,
            connections=self.connections,
            requests=self.requests,
            accepted=self.accepted,
            rejected=self.rejected,
            throttled=self.throttled,
            broadcasts=self.broadcasts,
            cancelled=self.cancelled,
            recalled=self.recalled,
            faults=dict(self.faults),
            by_method=dict(self.by_method),
        )
