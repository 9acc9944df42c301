"""How is a client reached and opened? Its arguments from options, and what each of them came from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pushwoosh_async import PushwooshClient
from pushwoosh_async.cli.complaints import BadInputError, naming
from pushwoosh_async.cli.token import DEVICE_OPTION, OPTION, read_token

# Seconds; the client's own default.
TIMEOUT = 30.0

# Where the client asks if nothing else is said.
VENDOR = "https://api.pushwoosh.com"

# The client insists on one, even if it will not ask.
_NO_TOKEN = "none"  # noqa: S105 -- it opens nothing


class _Source(NamedTuple):
    """Where an argument of the client comes from: an option, else an environment variable."""

    argument: str
    option: str
    variable: str
    needed: bool = True
    is_file: bool = False


# By the name of the option's parameter. A command that has none of these options needs none of them.
_SOURCES = {
    "token_file": _Source("api_token", OPTION, "PUSHWOOSH_API_TOKEN", is_file=True),
    "device_token_file": _Source(
        "device_api_token", DEVICE_OPTION, "PUSHWOOSH_DEVICE_API_TOKEN", is_file=True
    ),
    "application": _Source("application", "--application", "PUSHWOOSH_APPLICATION"),
    "base_url": _Source("base_url", "--base-url", "PUSHWOOSH_BASE_URL", needed=False),
}


@dataclass(frozen=True)
class Connection:
    """The arguments of a client.

    Attributes:
        client: the arguments.
        names: the option, or environment variable, by the argument that came from it.
    """

    client: Mapping[str, Any] = field(repr=False)
    names: Mapping[str, str]

    def open_client(self, **more: Any) -> PushwooshClient:
        """Make the client; it connects when it is first used.

        Raises:
            BadInputError: one of the arguments breaks a rule.
        """
        with naming(self.names):
            return PushwooshClient(**self.client, **more)


def connection(*, timeout: float, asks: bool = True, **given: str | None) -> Connection:
    """Return how to reach and open a client.

    Args:
        timeout: seconds for one attempt.
        asks: whether the API will be asked anything: else no token is needed.
        **given: what the command's options among application, base_url, token_file and
            device_token_file say; None where one was not typed.

    Raises:
        BadInputError: one of them is needed and neither typed nor in the environment; or a token
            cannot be read from its file.
    """
    client: dict[str, Any] = {"timeout": timeout}
    # The client reads the environment for what a command has no option for, too.
    names = {source.argument: source.variable for source in _SOURCES.values()}
    names["timeout"] = "--timeout"
    for parameter, source in _SOURCES.items():
        if parameter not in given:
            continue
        value = given[parameter]
        if value is not None:
            names[source.argument] = source.option
            client[source.argument] = read_token(value, source.option) if source.is_file else value
        elif not source.is_file and os.environ.get(source.variable):
            client[source.argument] = os.environ[source.variable]
        elif source.needed and not os.environ.get(source.variable):
            if source.is_file and not asks:
                client[source.argument] = _NO_TOKEN
                continue
            raise BadInputError(f"{source.option}: give it, or set {source.variable}")
    return Connection(client, names)
