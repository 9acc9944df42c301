"""What may a sender be given, and a call of it? All else is refused before anything is sent."""

from typing import Any

import pytest
from connecting import Connect

from pushwoosh_async import Accepted, BatchingSender, ConfigurationError, Notification
from pushwoosh_async.sandbox import Sandbox

NOTE = Notification(content="Hello")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"max_delay": 0}, ConfigurationError, "max_delay"),
        ({"max_delay": "1"}, TypeError, "max_delay"),
        ({"max_pending": 0}, ConfigurationError, "max_pending"),
        ({"max_pending": 1.5}, TypeError, "max_pending"),
        ({"max_pending_bytes": 0}, ConfigurationError, "max_pending_bytes"),
        ({"when_full": "drop"}, ConfigurationError, "when_full"),
        ({"when_full": None}, TypeError, "when_full"),
        ({"concurrency": 65}, ConfigurationError, "max_connections"),
        ({"notifications_per_request": 1001}, ConfigurationError, "notifications_per_request"),
        ({"notifications_per_request": "all"}, TypeError, "notifications_per_request"),
        ({"max_request_bytes": 10_000_000}, ConfigurationError, "max_request_bytes"),
    ],
)
async def test_options_are_checked(
    connect: Connect, sandbox: Sandbox, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    """When the sender is made."""
    with pytest.raises(error, match=words):
        BatchingSender(connect(sandbox), **options)


async def test_its_client_must_be_able_to_send_lists(connect: Connect, sandbox: Sandbox) -> None:
    """A client, with an application, not a group of them."""
    with pytest.raises(TypeError, match="PushwooshClient"):
        BatchingSender("client")  # type: ignore[arg-type]
    group = {"application": None, "applications_group": "GGGGG-GGGGG"}
    with pytest.raises(ConfigurationError, match="applications_group"):
        BatchingSender(connect(sandbox, **group))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({}, TypeError, "user= or device="),
        ({"user": "u", "device": "d"}, TypeError, "user= or device="),
        ({"user": 7}, TypeError, "user: expected a str"),
        ({"device": ["d"]}, TypeError, "device: expected a str"),
        ({"user": ""}, ConfigurationError, "user: an id must not be empty"),
        ({"user": "\ud800"}, ConfigurationError, "surrogate"),
        ({"user": "u", "notification": "Hello"}, TypeError, "expected a Notification"),
        (
            {"user": "u", "notification": Notification(content="x", users=["v"])},
            ConfigurationError,
            "send takes one without users",
        ),
        (
            {"user": "u", "notification": Notification(content="x", transaction_id="t")},
            ConfigurationError,
            "without transaction_id",
        ),
        (
            {"user": "u", "notification": Notification(content="x" * 11_000_000)},
            ConfigurationError,
            "the API takes under",
        ),
    ],
)
async def test_a_wrong_call_is_refused(
    connect: Connect,
    sandbox: Sandbox,
    arguments: dict[str, Any],
    error: type[Exception],
    words: str,
) -> None:
    """Before anything is sent, and the sender goes on."""
    async with BatchingSender(connect(sandbox)) as sender:
        with pytest.raises(error, match=words):
            await sender.send(**{"notification": NOTE, **arguments})
        assert not sandbox.ledger.counts()
        assert isinstance(await sender.send(NOTE, user="u"), Accepted)
