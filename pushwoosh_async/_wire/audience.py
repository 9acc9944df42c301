"""May this message be sent, and to whom? What a model may hold and the API must not get.

On the wire a notification without recipients goes to every subscriber of the application [D-old, NODE
PR#7], and an empty list may well count as none. So nothing here is ever repaired: it is refused.
"""

from collections.abc import Sequence

from pushwoosh_async._wire.encode import Target
from pushwoosh_async._wire.methods import MAX_RECIPIENTS
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.targeted import TargetedMessage
from pushwoosh_async.targeting.filter_parser import parse_filter
from pushwoosh_async.targeting.recipients import check_ids

_LISTS = ("users", "devices")
# Who they reach is decided by the server; `geozone` narrows either of the other two.
_RULES = ("filter", "conditions", "geozone")


def check_addressed(notification: Notification, target: Target) -> None:
    """Check a notification that goes to the audience it names.

    Raises:
        TypeError: not a Notification, or an id that is not a str.
        ConfigurationError: no audience, an empty one, two, over 1000 ids, a bad id, or a list of ids
            for a group of applications.
    """
    _check_model(notification)
    lists = [name for name in _LISTS if getattr(notification, name) is not None]
    rules = [name for name in _RULES if getattr(notification, name) is not None]
    if not lists and not rules:
        raise ConfigurationError(
            "notification: names no audience (users, devices, filter, conditions or geozone), and "
            "would reach every subscriber; client.broadcast(...) does that by name"
        )
    if len(lists) > 1 or (lists and rules):
        raise ConfigurationError(
            f"notification: two audiences, {' and '.join(lists + rules)}; the API would ignore one"
        )
    if "filter" in rules and "conditions" in rules:
        raise ConfigurationError("notification: filter and conditions cannot be combined")
    if rules and notification.conditions is not None and not notification.conditions:
        raise ConfigurationError("conditions: must not be empty: it could reach every subscriber")
    for name in lists:
        _check_list(name, getattr(notification, name), target)


def _check_list(name: str, ids: Sequence[str], target: Target) -> None:
    if not ids:
        raise ConfigurationError(f"{name}: must not be empty: it could reach every subscriber")
    if len(ids) > MAX_RECIPIENTS:
        raise ConfigurationError(
            f"{name}: at most {MAX_RECIPIENTS} ids in one message, got {len(ids)}; "
            "client.fan_out(...) sends to more"
        )
    check_listable(name, target)
    check_ids(ids, name)


def check_listable(name: str, target: Target) -> None:
    """Refuse a list of ids for a group of applications, which the API does not allow [ES:120, ES:127]."""
    if target.key == "applications_group":
        raise ConfigurationError(f"{name}: not allowed with applications_group")


def check_unaddressed(notification: Notification, use: str) -> None:
    """Check a notification that must name no audience of its own.

    Args:
        notification: what is sent.
        use: what for, for the error: ``"fan_out"`` or ``"broadcast"``.

    Raises:
        TypeError: not a Notification.
        ConfigurationError: it names an audience.
    """
    _check_model(notification)
    named = [name for name in _LISTS + _RULES if getattr(notification, name) is not None]
    if named:
        raise ConfigurationError(f"notification: {use} takes one without {' and '.join(named)}")


def checked_filter(message: TargetedMessage, *, all_applications: bool) -> str:
    """Check a message that goes to whom its filter matches, and return the filter to send.

    In its canonical spelling: what a text means without parentheses rests on a sentence of the vendor's
    that has lost its operator in print [ES:937].

    Args:
        message: what is sent.
        all_applications: the caller knows that the filter may reach every application.

    Raises:
        TypeError: a wrong type.
        FilterSyntaxError: the filter cannot be read, so nobody knows which applications it reaches.
        ConfigurationError: it is not bounded to applications.
    """
    if not isinstance(message, TargetedMessage):
        raise TypeError(f"message: expected a TargetedMessage, got {type(message).__name__}")
    if not isinstance(all_applications, bool):
        raise TypeError(f"all_applications: expected a bool, got {type(all_applications).__name__}")
    message.validate()
    if all_applications:
        return str(message.devices_filter)
    tree = parse_filter(str(message.devices_filter))
    if not tree.bounded:
        raise ConfigurationError(
            "devices_filter: reaches every application of the account, since tags are shared; bound it "
            'with App("XXXXX-XXXXX") & ..., or pass all_applications=True'
        )
    return str(tree)


def _check_model(notification: object) -> None:
    if not isinstance(notification, Notification):
        raise TypeError(f"notification: expected a Notification, got {type(notification).__name__}")
    notification.validate()
