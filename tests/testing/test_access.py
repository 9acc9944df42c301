"""Does what points a program at a sandbox let it do everything there, without waiting?"""

from collections.abc import Callable

import pytest

from pushwoosh_async import Hooks, Notification, PushwooshClient, RetryEvent
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import client_environment, client_options


async def check_both_tokens(client: PushwooshClient) -> None:
    """Send a message, and make a call for devices, which needs the other token."""
    await client.create_message(Notification(content="Hello", users=["user-1"]))
    await client.unregister_device("device-1")


async def test_a_client_with_the_options_may_do_everything(sandbox: Sandbox) -> None:
    """The tokens and the application are those that a sandbox accepts by default."""
    async with PushwooshClient(**client_options(sandbox)) as client:
        await check_both_tokens(client)
    assert sandbox.truth().requests == 2


@pytest.mark.usefixtures("pushwoosh_environment")
async def test_a_client_without_arguments_may_do_everything(pushwoosh_sandbox: Sandbox) -> None:
    """So are those in the environment."""
    async with PushwooshClient() as client:
        await check_both_tokens(client)
    assert pushwoosh_sandbox.truth().requests == 2


class Delays(Hooks):
    """Notes how long each retry waits."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_retry(self, event: RetryEvent) -> None:
        """Note it."""
        self.seconds.append(event.delay)


async def test_a_retry_comes_at_once(sandbox: Sandbox) -> None:
    """A test that scripts faults does not wait for what follows them."""
    sandbox.script(["reset_before"] * 3)
    delays = Delays()
    async with PushwooshClient(**client_options(sandbox), hooks=delays) as client:
        await client.create_message(Notification(content="Hello", users=["user-1"]))
    assert len(delays.seconds) == 3
    assert max(delays.seconds) <= 0.01


async def test_there_is_no_rate_limit(
    pushwoosh_client: PushwooshClient, pushwoosh_sandbox: Sandbox
) -> None:
    """Twenty messages in a row are not spread over seconds, as the vendor's limit would."""
    for number in range(20):
        await pushwoosh_client.create_message(Notification(content="Hello", users=[f"u{number}"]))
    assert client_options(pushwoosh_sandbox)["rate_limit"] is None
    assert pushwoosh_sandbox.truth().recipients == 20


@pytest.mark.parametrize("describe", [client_options, client_environment])
def test_a_sandbox_that_does_not_run_has_no_address(describe: Callable[[Sandbox], object]) -> None:
    """Nothing is pointed at the real API instead."""
    with pytest.raises(RuntimeError, match="before it is started"):
        describe(Sandbox())
