"""What would a fan-out do? Its plan, made without sending anything."""

from pushwoosh_async._client_inputs import Inputs
from pushwoosh_async._client_run_options import (
    MAX_REQUEST_BYTES,
    NotificationsPerRequest,
    RunOptions,
)
from pushwoosh_async._fanout.intake import Audience, Notifications
from pushwoosh_async._fanout.sieve import InvalidPolicy
from pushwoosh_async._fanout.survey import SendPlan
from pushwoosh_async._wire.methods import MAX_RECIPIENTS
from pushwoosh_async.models.notification import Notification


class Plans(Inputs):
    """Tells what a send would do."""

    async def plan(
        self,
        notification: Notification,
        *,
        users: Audience | None = None,
        devices: Audience | None = None,
        chunk_size: int = MAX_RECIPIENTS,
        notifications_per_request: NotificationsPerRequest = 1,
        max_request_bytes: int = MAX_REQUEST_BYTES,
        dedupe: bool = False,
        invalid: InvalidPolicy = "raise",
    ) -> SendPlan:
        """Tell what `fan_out` with the same arguments would do, and send nothing.

        The source is read to its end, once; a generator is used up by it. With `dedupe` it costs about
        100 bytes of memory per id.

        Args:
            notification: see `fan_out`, as all that follows.
            users: user ids.
            devices: push tokens or hwids, instead of `users`.
            chunk_size: ids in a chunk.
            notifications_per_request: chunks that share a request.
            max_request_bytes: of a request with more than one notification.
            dedupe: send once to an id that comes twice.
            invalid: what becomes of an id that breaks a rule.

        Raises:
            TypeError: a wrong type, no audience or two, or an id that is not a str.
            ConfigurationError: an option or an id that breaks a rule.
        """
        options = RunOptions(
            chunk_size=chunk_size,
            notifications_per_request=notifications_per_request,
            max_request_bytes=max_request_bytes,
            dedupe=dedupe,
            invalid=invalid,
        )
        return await self._plan(self._one(notification, users, devices, options, "plan"), options)

    async def plan_each(
        self,
        notifications: Notifications,
        *,
        chunk_size: int = MAX_RECIPIENTS,
        notifications_per_request: NotificationsPerRequest = "max",
        max_request_bytes: int = MAX_REQUEST_BYTES,
        dedupe: bool = False,
        invalid: InvalidPolicy = "raise",
    ) -> SendPlan:
        """Tell what `fan_out_each` with the same arguments would do, and send nothing.

        Args:
            notifications: see `fan_out_each`, as all that follows; a generator is used up.
            chunk_size: a notification with more ids than this is cut.
            notifications_per_request: notifications that share a request.
            max_request_bytes: of a request with more than one notification.
            dedupe: send once to an id that comes twice.
            invalid: what becomes of an id that breaks a rule.

        Raises:
            TypeError: a wrong type.
            ConfigurationError: an option or a notification that breaks a rule.
        """
        options = RunOptions(
            chunk_size=chunk_size,
            notifications_per_request=notifications_per_request,
            max_request_bytes=max_request_bytes,
            dedupe=dedupe,
            invalid=invalid,
        )
        return await self._plan(self._each(notifications, options), options)
