"""What every endpoint class holds: a session, and which application it speaks for."""

from typing import Any, TypeVar

from pushwoosh_async._transport.session import Call, Session
from pushwoosh_async._wire.converter import check_argument
from pushwoosh_async._wire.encode import Target
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.json_values import check_json
from pushwoosh_async.models.rules import not_blank

T = TypeVar("T")


class Endpoint:
    """The base of the endpoint classes."""

    def __init__(self, session: Session, target: Target | None) -> None:
        self._session = session
        self._target = target

    async def _call(self, call: Call[T]) -> T:
        """Make a single call, repeated as often as the policy allows."""
        return await self._session.call(call, max_attempts=self._session.policy.max_attempts)

    def _require_target(self) -> Target:
        if self._target is None:
            raise ConfigurationError(
                "application: this call needs one; pass application= (or applications_group=) to the "
                "client, or set PUSHWOOSH_APPLICATION"
            )
        return self._target

    def _require_application(self) -> Target:
        """Return the application, where the API knows no groups of them."""
        target = self._require_target()
        if target.key != "application":
            raise ConfigurationError(
                "application: this call needs one; the API takes no applications_group here"
            )
        return target


def require(name: str, kind: Any, value: Any) -> Any:
    """Return a copy of an argument that is no model's field.

    Raises:
        TypeError: it is not of this kind.
        ConfigurationError: JSON or UTF-8 cannot hold it.
    """
    taken = check_argument(name, kind, value)
    check_json(name, taken)
    return taken


def require_text(name: str, value: object) -> str:
    """Return an argument that must be a text, and not a blank one.

    Raises:
        TypeError: it is no str.
        ConfigurationError: it is blank, or UTF-8 cannot hold it.
    """
    text: str = require(name, str, value)
    not_blank.check(name, text)
    return text
