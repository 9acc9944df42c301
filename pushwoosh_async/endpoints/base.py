"""What every endpoint class holds: a session, and which application it speaks for."""

from pushwoosh_async._transport.session import Session
from pushwoosh_async._wire.encode import Target
from pushwoosh_async.errors import ConfigurationError


class Endpoint:
    """The base of the endpoint classes."""

    def __init__(self, session: Session, target: Target | None) -> None:
        self._session = session
        self._target = target

    def _require_target(self) -> Target:
        if self._target is None:
            raise ConfigurationError(
                "application: this call needs one; pass application= (or applications_group=) to the "
                "client, or set PUSHWOOSH_APPLICATION"
            )
        return self._target
