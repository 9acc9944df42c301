"""What one SMS is."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import attrs

from pushwoosh_async.models.dates import minute_or_now, utc_text
from pushwoosh_async.models.fields import required, wire_field
from pushwoosh_async.models.rules import not_blank, phone_number
from pushwoosh_async.models.wire_model import WireModel


@attrs.frozen(kw_only=True, repr=False)
class SMS(WireModel):
    """One message of createSMSMessage, to one number. Immutable; None means not set and not sent.

    A wrong type is a TypeError, a wrong value a ConfigurationError, both at construction. The repr
    shows neither the number nor the text. Marks in brackets are the sources: ``docs/sources.md``.

    Attributes:
        content: the text; not empty. [DE:25]
        phone_number: one number in E.164: ``+``, then 2 to 15 digits, the first of them not 0. It
            must have been registered as the hwid of a `Device`, or `use_auto_registration` be True. On
            the wire it is the one item of ``devices``. [DE:26, D-dev]
        send_date: ``"now"``, a text ``YYYY-MM-DD HH:MM``, or an aware datetime of a whole minute,
            written in UTC; a naive one is refused. The page names no time zone: UTC, as for
            createMessage without ``timezone``, is a guess. [DE:24]
        use_auto_registration: True: register the number, if it is not. [DE:27]
        dynamic_content_placeholders: texts by placeholder. [DE:28]
        preset: SMS preset code. [DE:29]
        extra: wire keys that no field is for, with JSON values. A field's wire name is refused here,
            and so are ``request``, ``notifications``, ``auth``, ``application`` and
            ``applications_group``.
    """

    _part: ClassVar[str | None] = "one item of its notifications"

    content: str = attrs.field(**required("DE:25", not_blank, counted="characters"))
    phone_number: str = attrs.field(
        **required("DE:26, D-dev", phone_number, wire="devices", counted="digits", single=True)
    )
    send_date: str | datetime | None = wire_field("DE:24", minute_or_now, kept_as=utc_text)
    use_auto_registration: bool | None = wire_field("DE:27")
    dynamic_content_placeholders: Mapping[str, str] | None = wire_field("DE:28", counted="keys")
    preset: str | None = wire_field("DE:29", not_blank)
