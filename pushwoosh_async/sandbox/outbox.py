"""How does a message leave the sandbox? By one way: counted, entered in the ledger, remembered."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from pushwoosh_async.sandbox.devices import Reach
from pushwoosh_async.sandbox.ledger import Ledger
from pushwoosh_async.sandbox.messages import Messages
from pushwoosh_async.sandbox.rulings import Rulings
from pushwoosh_async.sandbox.truth import Tally

CODE_NOT_AVAILABLE = "CODE_NOT_AVAILABLE"

# What details and history show. Anything else, the lists of ids above all, is not kept.
_SHOWN = (
    "content",
    "title",
    "subtitle",
    "data",
    "link",
    "ios_title",
    "ios_subtitle",
    "ios_root_params",
    "android_header",
    "android_root_params",
    "conditions",
    "conditions_operator",
    "filter",
    "devices_filter",
    "geozone",
    "campaign",
    "platforms",
    "ignore_user_timezone",
)


@frozen(kw_only=True)
class Parcel:
    """A message on its way out.

    Attributes:
        notification: the object as it came, without a token.
        recipients: ids for the ledger.
        reach: the same in numbers.
        due: seconds since 1970; None for at once.
        broadcast: it goes to every subscriber.
        traced: it gets a code and is remembered [api.md 3, "API message tracing"].
    """

    notification: Mapping[str, Any] = field(repr=False)
    recipients: Sequence[str] = field(repr=False)
    reach: Reach
    due: float | None
    broadcast: bool = False
    traced: bool = True


@frozen
class Outbox:
    """What sends."""

    ledger: Ledger
    messages: Messages
    tally: Tally
    rulings: Rulings

    def send(self, parcel: Parcel) -> str:
        """Send, or schedule, and return the message code, or `CODE_NOT_AVAILABLE`."""
        self.tally.accepted += 1
        self.tally.broadcasts += parcel.broadcast
        self.ledger.record(parcel.notification, parcel.recipients)
        code = self._remember(parcel) if parcel.traced else CODE_NOT_AVAILABLE
        self.rulings.make("accepted", code)
        return code

    def _remember(self, parcel: Parcel) -> str:
        fields = {name: parcel.notification[name] for name in _SHOWN if name in parcel.notification}
        return self.messages.add(fields, parcel.reach, parcel.due)
