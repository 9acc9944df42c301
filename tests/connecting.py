"""What a fixture that makes clients gives. Not in a conftest, since there is more than one of these."""

from collections.abc import Callable
from typing import TypeAlias

from pushwoosh_async import PushwooshClient

# Makes a client of a sandbox, closed at the end of the test; options as the client's own.
Connect: TypeAlias = Callable[..., PushwooshClient]
