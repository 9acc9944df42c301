"""What came of every row? Kept while pytest runs, a line printed as soon as a row's last test is over."""

import json
from collections import Counter
from pathlib import Path

import pytest
from attrs import asdict

from adversity.entry import Entry
from adversity.rows import ROWS
from adversity.story import Story


class Book:
    """A pytest plugin; registered only where a book is asked for."""

    def __init__(self, config: pytest.Config, file: Path) -> None:
        """Keep the rows in a file of JSON."""
        self._config = config
        self._file = file
        self._all: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._rows: dict[str, str] = {}  # of each test
        self._entries: dict[str, Entry] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Count the tests of each row before any is left out."""
        self._all.update(mark.args[0] for item in items if (mark := item.get_closest_marker("row")))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the tests of each row that will run."""
        for item in session.items:
            mark = item.get_closest_marker("row")
            if mark is not None:
                self._rows[item.nodeid] = mark.args[0]
                self._left[mark.args[0]] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print no dot for what passed: a row is a line."""
        return ("passed" if report.when == "call" else "", "", "") if report.passed else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what a test told; the row's line is printed behind its last test."""
        number = self._rows.get(report.nodeid)
        if number is None:
            return
        if number not in self._entries:
            left_out = self._all[number] - self._left[number]
            self._entries[number] = Entry(number, left_out=left_out)
        entry = self._entries[number]
        if not report.passed:
            entry.failed.append(f"{report.nodeid} {report.outcome} in {report.when}")
        entry.seconds += report.duration
        if report.when == "call":
            entry.add(report.nodeid, self._story(report))
        if report.when == "teardown":
            self._left[number] -= 1
            if not self._left[number]:
                self._print(entry)

    def pytest_sessionfinish(self) -> None:
        """Write the rows down in the book's order."""
        kept = [asdict(self._entries[each]) for each in ROWS if each in self._entries]
        self._file.write_text(json.dumps(kept, indent=1))

    @staticmethod
    def _story(report: pytest.TestReport) -> Story | None:
        told = dict(report.user_properties).get("story")
        return Story.of(told) if isinstance(told, dict) else None

    def _print(self, entry: Entry) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.ensure_newline()
            terminal.write_line(entry.line())
