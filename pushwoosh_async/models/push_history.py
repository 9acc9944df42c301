"""One line of the account's history: getPushHistory."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

# Open: the vendor has added sources before [ES:955, MK]. The known ones are there for editors.
SearchBy: TypeAlias = (
    Literal["notificationID", "notificationCode", "applicationCode", "campaignCode"] | str  # noqa: PYI051
)
Source: TypeAlias = (
    Literal["CP", "API", "GeoZone", "RSS", "AutoPush", "A/B Test"] | str  # noqa: PYI051
)

# A text, or texts by language.
Text: TypeAlias = str | Mapping[str, str]


@frozen(kw_only=True)
class PushHistoryRow:
    """One message of the history [ES:1062-1088].

    The server writes an empty value as ``""``, ``[]`` or null, as it likes; here a missing scalar is
    None and a missing collection is empty. What cannot be read is missing too; `raw` has it.

    Attributes:
        id: the message's number; 0 where it has none.
        code: its message code.
        create_date: when it was created; without a time zone, as the vendor names none.
        send_date: when it went out; likewise.
        content: text by language.
        title: text by language.
        subtitle: text by language.
        url: the link.
        ios_title: a text, or texts by language.
        ios_subtitle: likewise.
        android_header: likewise.
        ios_root_params: as they were sent.
        android_root_params: as they were sent.
        data: what was passed to the app.
        conditions: as they were sent.
        conditions_operator: ``"AND"`` or ``"OR"``.
        filter_code: of the filter it was sent to.
        filter_name: of that filter.
        filter_conditions: that filter in words, such as ``"#In-app Purchase(≠0)"``.
        geozone: as the server writes it.
        campaign_id: campaign code.
        campaign_name: its name.
        subscription_segments: names by code, or a list; obsolete.
        open: opened, by application code and platform name (``"IOS"``, ``"ANDROID"``).
        sent: sent, likewise.
        ctr: click-through rate by application code; the vendor names no unit.
        errors: failed, by platform name.
        raw: the row as it came.
    """

    id: int
    code: str | None
    create_date: datetime | None
    send_date: datetime | None
    content: Mapping[str, str]
    title: Mapping[str, str]
    subtitle: Mapping[str, str]
    url: str | None
    ios_title: Text | None
    ios_subtitle: Text | None
    android_header: Text | None
    ios_root_params: Mapping[str, Any]
    android_root_params: Mapping[str, Any]
    data: Mapping[str, Any]
    conditions: tuple[Any, ...]
    conditions_operator: str | None
    filter_code: str | None
    filter_name: str | None
    filter_conditions: str | None
    geozone: str | None
    campaign_id: str | None
    campaign_name: str | None
    subscription_segments: Mapping[str, Any] | tuple[Any, ...]
    open: Mapping[str, Mapping[str, int]]
    sent: Mapping[str, Mapping[str, int]]
    ctr: Mapping[str, float]
    errors: Mapping[str, int]
    raw: Mapping[str, Any] = field(repr=False)
