"""What does createMessage refuse, and with which words? Pure. Facts and texts: api.md 1.1 and 3.

Where the vendor's text is not on record the sentence is ours. What a bad notification means for its
neighbours is `bad_notifications`' to say.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox.devices import Predicate
from pushwoosh_async.sandbox.methods.schedule import due
from pushwoosh_async.sandbox.refusal import RefusedError
from pushwoosh_async.sandbox.repeats import transaction_id
from pushwoosh_async.sandbox.targeting.conditions import read_conditions

MAX_IDS = 1000
MAX_NOTIFICATIONS = 1000

_AUDIENCES = ("users", "devices", "filter", "conditions", "geozone")
_ROOT_PARAMS = tuple(
    f"{platform}_root_params"
    for platform in ("ios", "android", "huawei_android", "chrome", "firefox", "adm", "mac")
)
_OBJECT_OR_NULL = (dict, type(None))


@frozen
class Sending:
    """A notification that passed the rules.

    Attributes:
        notification: the object as it came.
        ids: the users or devices it names; empty when it names neither.
        conditions: which registered devices it goes to, if conditions alone say so.
        transaction_id: None when it carries none, or an empty one.
        due: when it goes out, in seconds since 1970; None for at once.
        platforms: the numbers it names, None for all.
        broadcast: it names no audience at all, so it goes to every subscriber. An empty list is no
            audience: what the vendor does with one is unknown, and this is the dangerous reading.
    """

    notification: Mapping[str, Any]
    ids: Sequence[str]
    conditions: Predicate | None
    transaction_id: str | None
    due: float | None
    platforms: Collection[int] | None
    broadcast: bool


def read_notifications(request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what lies in ``notifications``.

    Raises:
        RefusedError: it is no array of at most 1000 objects.
    """
    notifications = request.get("notifications")
    if not isinstance(notifications, list):
        raise RefusedError("No notifications")
    if len(notifications) > MAX_NOTIFICATIONS:
        raise RefusedError(f"At most {MAX_NOTIFICATIONS} notifications are allowed.")
    if not all(isinstance(each, dict) for each in notifications):
        raise RefusedError("A notification must be an object.")
    return notifications


def read_platforms(notification: Mapping[str, Any]) -> Collection[int] | None:
    """Return the platform numbers a notification names, None if it names none.

    Raises:
        RefusedError: they are no array of integers.
    """
    named = notification.get("platforms")
    if named is None or named == []:
        return None
    if not isinstance(named, list) or not set(map(type, named)) <= {int}:
        raise RefusedError('Invalid platforms. "platforms" must be an array of integers.')
    return named


def check_root_params(notification: Mapping[str, Any]) -> None:
    """Check that what goes to the platforms' own payloads are objects.

    Raises:
        RefusedError: one is not.
    """
    for name in _ROOT_PARAMS:
        if name in notification and not isinstance(notification[name], _OBJECT_OR_NULL):
            raise RefusedError(f"{name} must be key-value object")


def read_sending(notification: Mapping[str, Any], *, grouped: bool, today: date) -> Sending:
    """Return a notification that passes the rules.

    Args:
        notification: the object as it came.
        grouped: its request names an application group, which goes with no list of ids.
        today: the day from which conditions count.

    Raises:
        RefusedError: it breaks a rule.
    """
    goes_out = due(notification)
    users = _ids(notification, "users", grouped=grouped)
    devices = _ids(notification, "devices", grouped=grouped)
    conditions = read_conditions(notification, today)
    check_root_params(notification)
    # Nobody here knows who is in a stored filter or at a place: these reach no registered device.
    alone = not (users or devices or notification.get("filter") or notification.get("geozone"))
    return Sending(
        notification=notification,
        ids=users or devices,
        conditions=conditions if alone else None,
        transaction_id=transaction_id(notification.get("transactionId")),
        due=goes_out,
        platforms=read_platforms(notification),
        broadcast=not any(notification.get(audience) for audience in _AUDIENCES),
    )


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
