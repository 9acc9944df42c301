"""Async client for the Pushwoosh Remote API: sends to millions, and says truthfully who got it."""

from pushwoosh_async._clock import Clock, SystemClock
from pushwoosh_async._fanout.report import ChunkOutcome, Progress, SendReport
from pushwoosh_async._fanout.run import FanOut
from pushwoosh_async._transport.exchange import HTTPClient
from pushwoosh_async._transport.rate_limit import RateLimit
from pushwoosh_async._transport.retry import RetryPolicy
from pushwoosh_async._version import __version__
from pushwoosh_async._window import Stamp
from pushwoosh_async.client import PushwooshClient
from pushwoosh_async.errors import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    Delivery,
    FilterError,
    InputChangedError,
    InvalidRequestError,
    JournalError,
    JournalLockedError,
    PushwooshError,
    QueueFullError,
    RateLimitedError,
    RecipientCounts,
    RedirectError,
    RunStoppedError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from pushwoosh_async.hooks import AttemptEvent, Hooks, LoggingHooks, OutcomeEvent, RetryEvent
from pushwoosh_async.models import Geozone, MessageResult, Notification, Platform
from pushwoosh_async.sources import IdFile, read_ids

__all__ = [
    "APIError",
    "AttemptEvent",
    "AuthenticationError",
    "ChunkOutcome",
    "Clock",
    "ConfigurationError",
    "Delivery",
    "FanOut",
    "FilterError",
    "Geozone",
    "HTTPClient",
    "Hooks",
    "IdFile",
    "InputChangedError",
    "InvalidRequestError",
    "JournalError",
    "JournalLockedError",
    "LoggingHooks",
    "MessageResult",
    "Notification",
    "OutcomeEvent",
    "Platform",
    "Progress",
    "PushwooshClient",
    "PushwooshError",
    "QueueFullError",
    "RateLimit",
    "RateLimitedError",
    "RecipientCounts",
    "RedirectError",
    "RetryEvent",
    "RetryPolicy",
    "RunStoppedError",
    "SendReport",
    "ServerError",
    "Stamp",
    "SystemClock",
    "TransportError",
    "UnexpectedResponseError",
    "__version__",
    "read_ids",
]
