"""Decide what to do next after each kind of error.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/handle_errors.py user-1

What decides is `.delivery`, not the class of the error. Exit code 0: accepted; 1: sending again later is
safe; 2: something has to be mended first; 3: nobody knows, and sending again may send twice.

Without an account: run `pushwoosh-async sandbox --faults reset_after:1` in another shell, copy the lines
that it prints, and try other faults, a wrong token, or no sandbox at all.
"""

import asyncio
import sys

from pushwoosh_async import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    Notification,
    PushwooshClient,
    PushwooshError,
    RateLimitedError,
    RetryPolicy,
    TransportError,
)

ACCEPTED, SEND_LATER, MEND_FIRST, UNKNOWN = range(4)


async def main(users: list[str]) -> int:
    """Send one message; print what happened and return what to do next."""
    try:
        # Short, so that you need not wait for the demonstration. The default is made for real networks.
        retry = RetryPolicy(max_attempts=2, base_delay=0.1)
        async with PushwooshClient(retry=retry) as client:
            await client.create_message(Notification(content="Hello", users=users))
    except PushwooshError as error:
        print(f"{type(error).__name__}, delivery {error.delivery}: {error}")
        print(f"next: {advice(error)}")
        return what_next(error)
    print("accepted")
    return ACCEPTED


def what_next(error: PushwooshError) -> int:
    """Tell whether the same message may be sent again."""
    if error.delivery == "in_doubt":
        return UNKNOWN
    if error.delivery == "rejected":
        return MEND_FIRST
    # not_sent: nobody got it. Is it worth another try as it stands?
    if isinstance(error, (ConfigurationError, AuthenticationError)):
        return MEND_FIRST
    if isinstance(error, TransportError) and error.permanent:
        return MEND_FIRST
    return SEND_LATER


def advice(error: PushwooshError) -> str:
    """Say in words what to do."""
    if error.delivery == "in_doubt":
        # The client has repeated it already, under one transaction id, as long as that was safe.
        ids = ", ".join(error.transaction_ids)
        return f"they may have it; note transaction {ids}, send again only if twice beats never"
    match error:
        case ConfigurationError():
            return "mend the program: nothing left this machine"
        case AuthenticationError():
            return "mend the token or the application code: every further call would fail"
        case InvalidRequestError():
            return f"mend the message, which the API refused: {error.status_message}"
        case RateLimitedError():
            return f"send later; the server asked for {error.retry_after or 60:.0f} seconds"
        case TransportError(permanent=True):
            return "mend the connection: its certificate cannot be trusted"
        case APIError() | TransportError():
            return "send later: the server never had it"
        case _:
            return "send later"


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
