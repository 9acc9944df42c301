"""What tests of programs that use this library need, and what its own tests use.

pytest finds the fixtures made of it by itself: `pytest_pushwoosh_async`.
"""

from pushwoosh_async.testing.access import ClientOptions, client_environment, client_options
from pushwoosh_async.testing.clock import FakeClock
from pushwoosh_async.testing.sandbox_thread import run_in_thread
from pushwoosh_async.testing.sent_once import AssertSentOnce

__all__ = [
    "AssertSentOnce",
    "ClientOptions",
    "FakeClock",
    "client_environment",
    "client_options",
    "run_in_thread",
]
