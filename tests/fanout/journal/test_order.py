"""What a crash at any commit leaves: a prefix of what was handed over, no transaction in halves."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.journal_world import FACTS, bare, copy_of, journal_at, read, record
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal
from pushwoosh_async._fanout.state import State

# What is handed over in one call: the intents of a request, or what was noted together.
Transaction = tuple[bool, tuple[Record, ...]]

_PATHS = ("0", "1", "1.0", "1.1", "2", "3")


@st.composite
def _sessions(draw: st.DrawFn) -> list[list[Transaction]]:
    """Several bursts of calls; each record of the session differs from every other."""
    count = 0
    bursts = []
    for _ in range(draw(st.integers(1, 5))):
        burst: list[Transaction] = []
        for _ in range(draw(st.integers(1, 8))):
            awaited = draw(st.booleans())
            names = draw(st.lists(st.sampled_from(_PATHS), min_size=1, max_size=3))
            things = []
            for name in names:
                count += 1
                state = State.IN_FLIGHT if awaited else State.ACCEPTED
                things.append(evolve(bare(record(name, state)), start=count))
            burst.append((awaited, tuple(things)))
        bursts.append(burst)
    return bursts


@settings(max_examples=20)
@given(_sessions(), st.integers(1, 6))
def test_every_commit_leaves_a_prefix(
    tmp_path_factory: pytest.TempPathFactory, bursts: list[list[Transaction]], gather: int
) -> None:
    """After each commit the file holds all that was handed over up to some call, and nothing past it;
    an intent that has returned is in it.
    """  # noqa: D205 -- two halves of one promise
    path = tmp_path_factory.mktemp("order") / "run.db"
    states = prefixes([things for burst in bursts for _, things in burst])
    found = [state_of(copy) for copy in _with_copies(path, bursts, gather)]

    reached = [states.index(each) for each in found]
    assert reached == sorted(reached)
    assert found[-1] == states[-1]


def prefixes(transactions: Sequence[tuple[Record, ...]]) -> list[dict[str, Record]]:
    """Return what a file holds after none, one, two, ... of them."""
    states: list[dict[str, Record]] = [{}]
    for things in transactions:
        states.append(states[-1] | {each.path: each for each in things})
    return states


def state_of(path: Path) -> dict[str, Record]:
    """Return what a file holds."""
    return {each.path: each for each in read(path)}


def _with_copies(path: Path, bursts: list[list[Transaction]], gather: int) -> list[Path]:
    """Write them; return a copy of the file as it was between each commit and the next."""
    copies: list[Path] = []

    def heard(statement: str) -> None:
        if statement == "BEGIN":
            copies.append(copy_of(path).rename(path.with_name(f"copy{len(copies)}.db")))

    async def session() -> None:
        journal = journal_at(path, gather=gather)
        await journal.open(FACTS)
        for burst in bursts:
            async with anyio.create_task_group() as group:
                for transaction in burst:
                    group.start_soon(_hand_over, journal, transaction)
        await journal.close(None)

    with listening(heard):
        anyio.run(session)
    return [*copies, path]


async def _hand_over(journal: SqliteJournal, transaction: Transaction) -> None:
    awaited, things = transaction
    if awaited:
        await journal.intend(*things)
    else:
        journal.note(*things)


class listening:  # noqa: N801 -- used like a function
    """Hear every statement of the connections made inside; for a test that hypothesis runs often."""

    def __init__(self, heard: Callable[[str], object]) -> None:
        self._heard = heard
        self._connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def __enter__(self) -> None:
        def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = self._connect(*arguments, **options)
            connection.set_trace_callback(self._heard)
            return connection

        setattr(sqlite3, "connect", connect)  # noqa: B010

    def __exit__(self, *_: object) -> None:
        setattr(sqlite3, "connect", self._connect)  # noqa: B010


async def test_an_intent_does_not_return_before_its_commit(path: Path) -> None:
    """While SQLite has not even been told to commit, everybody who waits goes on waiting."""
    told, may = threading.Event(), threading.Event()
    returned: list[int] = []

    def heard(statement: str) -> None:
        if statement == "COMMIT":
            told.set()
            assert may.wait(10)

    async def intend(number: int) -> None:
        await journal.intend(record(number))
        returned.append(number)

    may.set()
    with listening(heard):
        journal = journal_at(path, gather=3)
        await journal.open(FACTS)
    told.clear()
    may.clear()
    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(intend, number)
        assert await anyio.to_thread.run_sync(told.wait, 10)
        await anyio.wait_all_tasks_blocked()
        assert returned == []
        may.set()
    assert returned == [0, 1, 2]
    await journal.close(None)


async def test_an_intent_returns_after_its_commit_and_not_before(path: Path) -> None:
    """At the moment it returns, a copy of the file has it, whoever else is waiting."""
    journal = journal_at(path, gather=2)
    await journal.open(FACTS)

    async def intend(number: int) -> None:
        await journal.intend(bare(record(number)))
        copy = copy_of(path).rename(path.with_name(f"copy{number}.db"))
        assert str(number) in state_of(copy)

    async with anyio.create_task_group() as group:
        for number in range(7):
            group.start_soon(intend, number)
    await journal.close(None)
