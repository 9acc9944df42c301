"""Who asks? Sends the probe's messages, each over a connection of its own, and notes the answers."""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pushwoosh_async import (
    AuthenticationError,
    Clock,
    Hooks,
    Notification,
    PushwooshClient,
    PushwooshError,
    RetryPolicy,
)
from pushwoosh_async.cli.commands.probe.answers import Answer, accepted, failed

# With the test user more than ten: only from ten ids on does the API give a code [api.md 1.1].
_STRANGERS = 11

_ONCE = RetryPolicy(max_attempts=1)


def new_id(rng: random.Random) -> str:
    """Return a random UUID: a fresh transactionId, or the id of a user that nobody is."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


@dataclass(frozen=True)
class Audience:
    """Whom the probe sends to.

    Attributes:
        user: the test user.
        strangers: ids that nobody has, so nobody gets anything; there for the message code's sake.
    """

    user: str = field(repr=False)
    strangers: tuple[str, ...] = field(repr=False)

    @property
    def everybody(self) -> tuple[str, ...]:
        """The test user among the strangers."""
        return (self.user, *self.strangers)


def audience_of(user: str, rng: random.Random) -> Audience:
    """Return the audience: the test user, and eleven random UUIDs."""
    return Audience(user, tuple(new_id(rng) for _ in range(_STRANGERS)))


class Prober:
    """Asks the API.

    Attributes:
        audience: whom the messages go to.
        base_url: where the API is.
        clock: the time, and how to wait.
        rng: for ids and phases.
        answers: everything that was asked with `ask`, in order.
        turned_away: what the API said when it refused our token or application; empty if it did not.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        audience: Audience,
        clock: Clock,
        rng: random.Random,
        others: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            settings: arguments of the client, `base_url` among them.
            audience: whom the messages go to.
            clock: the time, and how to wait.
            rng: for ids and phases.
            others: what differs for another application or token, by the option that names it.
        """
        self.audience = audience
        self.base_url: str = settings["base_url"]
        self.clock = clock
        self.rng = rng
        self.answers: list[Answer] = []
        self.turned_away = ""
        self._settings = settings
        self._others = others
        self._began = clock.monotonic()

    def now(self) -> float:
        """Return seconds since the probe began."""
        return self.clock.monotonic() - self._began

    async def wait_until(self, when: float) -> None:
        """Wait until so many seconds since the probe began; a time that has passed is no wait."""
        if when > self.now():
            await self.clock.sleep(when - self.now())

    def message(
        self,
        label: str,
        *,
        transaction_id: str | None = None,
        users: Sequence[str] | None = None,
        **fields: Any,
    ) -> Notification:
        """Return a message whose text is its label.

        Args:
            label: such as ``"probe 3b"``.
            transaction_id: by default a fresh one.
            users: by default the test user among the strangers.
            **fields: more of the notification's.
        """
        return Notification(
            content=label,
            users=self.audience.everybody if users is None else users,
            transaction_id=new_id(self.rng) if transaction_id is None else transaction_id,
            **fields,
        )

    def open_client(self, other: str = "", **more: Any) -> PushwooshClient:
        """Make a client that tries once.

        Args:
            other: the option that names another application or token; empty for neither.
            **more: arguments of the client.

        Raises:
            ConfigurationError: one of the settings breaks a rule.
        """
        settings = {**self._settings, **(self._others[other] if other else {}), **more}
        return PushwooshClient(**settings, retry=_ONCE, hooks=Hooks(), clock=self.clock)

    async def ask(self, *notifications: Notification, other: str = "") -> Answer:
        """Send notifications in one request over a fresh connection, and note the answer.

        Args:
            *notifications: what to send.
            other: see `open_client`.
        """
        async with self.open_client(other) as client:
            answer = await self.send(client, *notifications, other=bool(other))
        self.answers.append(answer)
        return answer

    async def send(
        self, client: PushwooshClient, *notifications: Notification, other: bool = False
    ) -> Answer:
        """Send notifications in one request, and do not note the answer.

        Args:
            client: of `open_client`.
            *notifications: what to send.
            other: the client has another application or token, which may be refused.
        """
        label = str(notifications[0].content)
        user = self.audience.user
        to_user = tuple(str(each.content) for each in notifications if user in (each.users or ()))
        sent = self.now()
        try:
            result = await client.create_message(notifications)
        except PushwooshError as error:
            if isinstance(error, AuthenticationError) and not other:
                self.turned_away = str(error)
            return failed(label, (sent, self.now()), error, to_user)
        return accepted(label, (sent, self.now()), result, user, to_user)
