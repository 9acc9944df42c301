"""What one message of createTargetedMessage is, besides what every message has: to whom."""

from typing import ClassVar

import attrs

from pushwoosh_async.models.fields import required
from pushwoosh_async.models.message import Message
from pushwoosh_async.models.rules import not_blank
from pushwoosh_async.targeting.filters import Filter


@attrs.frozen(kw_only=True, repr=False)
class TargetedMessage(Message):
    """One message of createTargetedMessage: these fields, and those that every `Message` has.

    The shared fields, such as `content`, `send_date` and `ios`, are explained at `Message`, and all
    of them in ``docs/fields.md``. Marks in brackets are the sources: ``docs/sources.md``.

    Everything passed in is copied. A wrong type is a TypeError, a wrong value a ConfigurationError,
    both at construction. Whether the filter's text can be read is asked when it is sent.

    Attributes:
        devices_filter: whom it goes to: a filter such as ``App("AAAAA-BBBBB")``, or its text; kept as
            text. [ES:772]
        extra: wire keys that no field is for, with JSON values. A field's wire name is refused here,
            and so are ``request``, ``notifications``, ``auth``, ``application`` and
            ``applications_group``.
    """

    _part: ClassVar[str | None] = "what lies in it, without auth"

    devices_filter: str | Filter = attrs.field(**required("ES:772", not_blank, kept_as=str))
