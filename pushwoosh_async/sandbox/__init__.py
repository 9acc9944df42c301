"""What can a program talk to instead of Pushwoosh? A stand-in API that keeps the truth.

It speaks real HTTP on a local port. Start one with ``async with Sandbox() as sandbox``, point a
client at ``sandbox.url``, then ask ``sandbox.truth()`` who was really delivered to.
"""

try:
    import aiohttp as _aiohttp  # noqa: F401 -- asked here, so that what is missing has one answer
except ModuleNotFoundError:
    raise ImportError(
        "pushwoosh_async.sandbox needs aiohttp: install pushwoosh-async[sandbox]."
    ) from None

from pushwoosh_async.sandbox.faults import Fault, parse_faults
from pushwoosh_async.sandbox.ledger import Ledger
from pushwoosh_async.sandbox.server import Sandbox
from pushwoosh_async.sandbox.traffic import Traffic
from pushwoosh_async.sandbox.truth import Truth

__all__ = ["Fault", "Ledger", "Sandbox", "Traffic", "Truth", "parse_faults"]
