"""What does createMessage refuse, and with which words? Pure. Facts and texts: api.md 1.1 and 3.

Where the vendor's text is not on record the sentence is ours. One bad notification refuses the
whole request, and nothing of it is sent: what the vendor does there is unknown.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

MAX_IDS = 1000
MAX_NOTIFICATIONS = 1000

_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", re.ASCII)
_AUDIENCES = ("users", "devices", "filter", "conditions", "geozone")


class RefusedError(Exception):
    """The API's answer is body code 210 with this text."""


@frozen
class Sending:
    """A notification that passed the rules.

    Attributes:
        notification: the object as it came.
        ids: the users or devices it names; empty when it names neither.
        transaction_id: None when it carries none, or an empty one.
        immediate: it goes out now rather than on a date.
        broadcast: it names no audience at all, so it goes to every subscriber. An empty list is no
            audience: what the vendor does with one is unknown, and this is the dangerous reading.
    """

    notification: Mapping[str, Any]
    ids: Sequence[str]
    transaction_id: str | None
    immediate: bool
    broadcast: bool


@frozen
class Account:
    """The token and the codes that are accepted."""

    token: str
    applications: Collection[str]
    applications_groups: Collection[str]

    def read(self, request: Mapping[str, Any]) -> tuple[str, list[Sending]]:
        """Return the application, or group, of a request and its notifications.

        Raises:
            RefusedError: a rule is broken, by the envelope or by any one notification.
        """
        application = self._application(request)
        grouped = bool(request.get("applications_group"))
        return application, [_sending(each, grouped=grouped) for each in _notifications(request)]

    def _application(self, request: Mapping[str, Any]) -> str:
        token = request.get("auth")
        application, group = request.get("application"), request.get("applications_group")
        if not token or not (application or group):
            raise RefusedError("API token or application is not set")
        if token != self.token:
            raise RefusedError("Account not found")
        if application and group:
            raise RefusedError('Use either "application" or "applications_group".')
        known = self.applications if application else self.applications_groups
        code = application or group
        if not isinstance(code, str) or code not in known:
            raise RefusedError("Application not found")
        return code


def _notifications(request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    notifications = request.get("notifications")
    if not isinstance(notifications, list):
        raise RefusedError("No notifications")
    if len(notifications) > MAX_NOTIFICATIONS:
        raise RefusedError(f"At most {MAX_NOTIFICATIONS} notifications are allowed.")
    if not all(isinstance(each, dict) for each in notifications):
        raise RefusedError("A notification must be an object.")
    return notifications


def _sending(notification: Mapping[str, Any], *, grouped: bool) -> Sending:
    immediate = _is_immediate(notification.get("send_date"))
    users = _ids(notification, "users", grouped=grouped)
    devices = _ids(notification, "devices", grouped=grouped)
    return Sending(
        notification=notification,
        ids=users or devices,
        transaction_id=_transaction_id(notification),
        immediate=immediate,
        broadcast=not any(notification.get(audience) for audience in _AUDIENCES),
    )


def _is_immediate(send_date: object) -> bool:
    if send_date == "now":
        return True
    try:
        if isinstance(send_date, str) and _DATE.fullmatch(send_date):
            datetime.fromisoformat(send_date)
            return False
    except ValueError:
        pass
    raise RefusedError("Cannot parse date")


def _ids(notification: Mapping[str, Any], kind: str, *, grouped: bool) -> Sequence[str]:
    ids = notification.get(kind)
    if ids is None:
        return ()
    if not isinstance(ids, list):
        raise RefusedError(f'Invalid {kind} list. "{kind}" must be an array.')
    if grouped:
        raise RefusedError(f'"{kind}" cannot be used with "applications_group".')
    if len(ids) > MAX_IDS:
        raise RefusedError(f"Invalid {kind} list. At most {MAX_IDS} ids are allowed.")
    if not set(map(type, ids)) <= {str}:
        raise RefusedError(f"Invalid {kind} list. Every id must be a string.")
    return ids


def _transaction_id(notification: Mapping[str, Any]) -> str | None:
    value = notification.get("transactionId")
    if value is not None and not isinstance(value, str):
        raise RefusedError("Invalid transactionId. It must be a string.")
    return value or None
