"""What the tests of the journal are handed."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journal.journal_world import Statements


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may be."""
    return tmp_path / "run.db"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Statements:
    """Listen to every connection that is made from now on."""
    heard = Statements()
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def listened(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(heard.heard)
        return connection

    monkeypatch.setattr(sqlite3, "connect", listened)
    return heard
