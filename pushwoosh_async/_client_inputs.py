"""What is sent to whom, as the caller gave it: checked, and joined to what cuts it."""

from typing import Any, TypeVar

from pushwoosh_async._client_run_options import RunOptions
from pushwoosh_async._client_runs import Input, Runs
from pushwoosh_async._fanout.chunks import Kind, Message
from pushwoosh_async._fanout.intake import Audience, Notifications, check_audience, check_page_of
from pushwoosh_async._fanout.plan import Planner
from pushwoosh_async._fanout.plan_each import RECIPIENTS, EachPlanner, check_notifications
from pushwoosh_async._wire.audience import check_listable, check_unaddressed
from pushwoosh_async._wire.encode import Template, template
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification

_Source = TypeVar("_Source")


class Inputs(Runs):
    """Takes what is to be sent."""

    def _one(
        self,
        notification: Notification,
        users: Audience | None,
        devices: Audience | None,
        options: RunOptions,
        use: str = "fan_out",
    ) -> Input:
        """Take one notification and ids of any number."""
        kind, given = _audience(users, devices, use)
        source = _unchanging(given)
        check_listable(kind, self._require_target())
        message = Message(kind, _template(notification))
        checked_first = options.checks_first(source)

        def cut(identity: RunIdentity) -> Planner:
            return Planner(
                identity,
                message,
                chunk_size=options.chunk_size,
                invalid=options.invalid,
                dedupe=options.dedupe,
                trusted=checked_first,
            )

        return Input(
            source=source,
            kind=kind,
            check=check_page_of(kind) if checked_first else None,
            cut=cut,
            template=message.template,
        )

    def _each(self, notifications: Notifications, options: RunOptions) -> Input:
        """Take notifications of any number."""
        check_audience(notifications, "notifications", "Notification")
        source = _unchanging(notifications)
        check_listable("users", self._require_target())

        def cut(identity: RunIdentity) -> EachPlanner:
            return EachPlanner(
                identity,
                chunk_size=options.chunk_size,
                invalid=options.invalid,
                dedupe=options.dedupe,
            )

        return Input(
            source=source,
            kind=RECIPIENTS,
            check=check_notifications if options.checks_first(source) else None,
            cut=cut,
        )


def _audience(users: Audience | None, devices: Audience | None, use: str) -> tuple[Kind, Audience]:
    if (users is None) == (devices is None):
        raise TypeError(f"{use}: give users= or devices=, one of them and not None")
    if users is not None:
        check_audience(users, "users")
        return "users", users
    check_audience(devices, "devices")
    return "devices", devices  # type: ignore[return-value]  # one of the two is not None


def _unchanging(source: _Source) -> _Source | tuple[Any, ...]:
    """Copy a list: it is checked as a whole, and read long after that."""
    return tuple(source) if isinstance(source, list) else source


def _template(notification: Notification) -> Template:
    check_unaddressed(notification, "fan_out")
    if notification.transaction_id is not None:
        raise ConfigurationError(
            "notification: fan_out takes one without transaction_id: under one id for all chunks the "
            "API would drop all but the first"
        )
    return template(notification)
