"""What the API answered to a message that was sent."""

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class MessageResult:
    """createMessage or createSMSMessage was accepted.

    Attributes:
        message_codes: one per notification, in request order (the vendor states no order; every sample
            agrees). None where the API gave no code: the send was immediate and its audience under ten
            devices (``CODE_NOT_AVAILABLE``), or the answer named none. Such a message cannot be
            cancelled or looked up.
        unknown_devices: the ids the application does not know, as the API grouped them: by message
            code, or under ``""`` where there is none.
        transaction_ids: the ids the notifications were sent with; none for an SMS.
    """

    message_codes: tuple[str | None, ...]
    unknown_devices: Mapping[str, tuple[str, ...]] = field(
        factory=dict, repr=lambda groups: f"<{sum(map(len, groups.values()))} ids>"
    )
    transaction_ids: tuple[str, ...] = ()


@frozen(kw_only=True)
class TargetedMessageResult:
    """createTargetedMessage was accepted.

    Attributes:
        message_code: the message's code [ES:751-753]; None where the API gave none.
        transaction_id: the id the message was sent with.
    """

    message_code: str | None
    transaction_id: str
