"""What do the tests of this folder share? A message's fate behind a bad answer, and a test's own time."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest
from fault_server import (
    Connection,
    FaultServer,
    Ledger,
    Repeat,
    Script,
    accept,
    fault_server,
    processed,
)

from pushwoosh_async.testing import FakeClock

Fate: TypeAlias = Callable[[Script], Script]


def untouched(script: Script) -> Script:
    """Let the API take nothing of what the script reads."""
    return script


_NAMES = ["processed", "not_processed"]
each_fate = pytest.mark.parametrize("fate", [processed, untouched], ids=_NAMES)
# For long tables: what nobody processed is asked about in the sample, and in full.
each_fate_in_full = pytest.mark.parametrize(
    "fate", [processed, pytest.param(untouched, marks=pytest.mark.slow)], ids=_NAMES
)


@asynccontextmanager
async def server_on(
    clock: FakeClock,
    *scripts: Script,
    default: Script = accept,
    repeat: Repeat = "same_code",
    window: float = 300.0,
) -> AsyncIterator[FaultServer]:
    """Run a server whose API lives on a test's clock."""
    ledger = Ledger(repeat=repeat, window=window, wall=lambda: clock.stamp().wall)
    async with fault_server(*scripts, default=default, ledger=ledger) as server:
        yield server


def timed(times: list[float], clock: FakeClock, script: Script) -> Script:
    """Note when each request came."""

    async def noting(connection: Connection) -> None:
        times.append(clock.monotonic())
        await script(connection)

    return noting
