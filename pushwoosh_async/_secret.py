"""The API token, wrapped so that it cannot be printed, pickled or compared by accident."""

import hmac
import json
from typing import Any, NoReturn

from pushwoosh_async.errors import ConfigurationError

REDACTED = "[token]"
MAX_TOKEN = 1000  # characters; the vendor's have 64 or so


class Secret:
    """A token. Only `reveal()` gives it out, and only the body of a request may ask."""

    __slots__ = ("_shapes", "_value")

    def __init__(self, value: object, argument: str) -> None:
        """Wrap a token.

        Args:
            value: the token: printable ASCII, no blanks; what else would not survive a JSON body
                or a header unchanged.
            argument: what the user calls it, for the error.

        Raises:
            TypeError: it is not a str.
            ConfigurationError: it is empty or holds a character no token has.
        """
        fault = _fault(value, argument)
        if fault is None:
            self._value = str(value)
            # As it is, and as JSON and Python write it: a server may quote the body it was sent.
            self._shapes = (self._value, json.dumps(self._value)[1:-1], repr(self._value)[1:-1])
        del value  # a traceback that shows variables must not show it
        if fault is not None:
            raise fault

    def reveal(self) -> str:
        """Return the token itself."""
        return self._value

    def redact(self, text: str) -> str:
        """Return the text without the token."""
        for shape in self._shapes:
            text = text.replace(shape, REDACTED)
        return text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]  # a hash of a token is one more place for it

    def __repr__(self) -> str:
        return "Secret(...)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied")


def _fault(value: object, argument: str) -> Exception | None:
    if not isinstance(value, str):
        return TypeError(f"{argument}: expected a str, got {type(value).__name__}")
    if not value:
        return ConfigurationError(f"{argument}: must not be empty")
    if len(value) > MAX_TOKEN:
        return ConfigurationError(f"{argument}: at most {MAX_TOKEN} characters")
    if not all("!" <= character <= "~" for character in value):
        return ConfigurationError(f"{argument}: only printable ASCII without blanks is allowed")
    return None
