"""What tests of programs that use this library need, and what its own tests use."""

from pushwoosh_async.testing.clock import FakeClock

__all__ = ["FakeClock"]
