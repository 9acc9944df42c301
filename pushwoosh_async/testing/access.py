"""What is a program told so that it sends to a sandbox? Its address, and tokens that open nothing else."""

from typing import TYPE_CHECKING, TypedDict

from pushwoosh_async import RetryPolicy

if TYPE_CHECKING:  # what is here is of use without the extra, too
    from pushwoosh_async.sandbox import Sandbox

# Those that a Sandbox accepts unless it is told otherwise.
_API_TOKEN = "sandbox-token"  # noqa: S105 -- opens nothing but a sandbox
_DEVICE_API_TOKEN = "sandbox-device-token"  # noqa: S105 -- the same
_APPLICATION = "XXXXX-XXXXX"


class ClientOptions(TypedDict):
    """The arguments of `PushwooshClient` that `client_options` returns."""

    api_token: str
    device_api_token: str
    application: str
    base_url: str
    rate_limit: None
    retry: RetryPolicy
    timeout: float


def client_options(sandbox: "Sandbox") -> ClientOptions:
    """Return what makes a client of a sandbox that keeps no test waiting without need.

    There is no rate limit, and a retry comes after some milliseconds. An attempt has 5 real seconds, so
    that a loaded machine passes; it is all of them that a ``stall`` takes. Add what the test is about:
    ``PushwooshClient(**client_options(sandbox), hooks=...)``.

    Args:
        sandbox: a running one, with the tokens and the application that are its defaults.

    Raises:
        RuntimeError: it was not started.
    """
    return {
        "api_token": _API_TOKEN,
        "device_api_token": _DEVICE_API_TOKEN,
        "application": _APPLICATION,
        "base_url": sandbox.url,
        "rate_limit": None,
        "retry": RetryPolicy(base_delay=0.001, max_delay=0.01),
        "timeout": 5.0,
    }


def client_environment(sandbox: "Sandbox") -> dict[str, str]:
    """Return the environment variables that point a client made without arguments at a sandbox.

    Args:
        sandbox: a running one, with the tokens and the application that are its defaults.

    Raises:
        RuntimeError: it was not started.
    """
    return {
        "PUSHWOOSH_API_TOKEN": _API_TOKEN,
        "PUSHWOOSH_DEVICE_API_TOKEN": _DEVICE_API_TOKEN,
        "PUSHWOOSH_APPLICATION": _APPLICATION,
        "PUSHWOOSH_BASE_URL": sandbox.url,
    }
