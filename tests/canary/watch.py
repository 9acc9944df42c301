"""What was written while a client worked? Every log line, warning and event: does one show the token?"""

import warnings

import pytest
from adversity.story import Story

from pushwoosh_async import AttemptEvent, LoggingHooks, OutcomeEvent, RetryEvent

from .looking import CONTENT, USER, holders, shown_by, shows, ways_to_show


class Listener(LoggingHooks):
    """Logs, and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[AttemptEvent | RetryEvent | OutcomeEvent] = []

    def on_attempt(self, event: AttemptEvent) -> None:
        self.heard.append(event)
        super().on_attempt(event)

    def on_retry(self, event: RetryEvent) -> None:
        self.heard.append(event)
        super().on_retry(event)

    def on_outcome(self, event: OutcomeEvent) -> None:
        self.heard.append(event)
        super().on_outcome(event)


class Watch:
    """Everything that was written while it watched."""

    def __init__(self, caplog: pytest.LogCaptureFixture, story: Story) -> None:
        self.caplog = caplog
        self.story = story
        self.listener = Listener()
        self.warned: list[warnings.WarningMessage] = []

    def lines(self, without: tuple[str, ...] = ()) -> list[str]:
        """Return every log line, but of these loggers, and every warning and event."""
        return [
            *(
                f"{record.name} {record.getMessage()} {record.args!r} {record.exc_text}"
                for record in self.caplog.records
                if not record.name.startswith(without)
            ),
            *(str(one.message) for one in self.warned),
            *map(repr, self.listener.heard),
        ]

    def check(self, without: tuple[str, ...] = ()) -> None:
        """Find the token nowhere, nor a recipient, nor the content."""
        lines = self.lines(without)
        assert lines
        leaks = [line for line in lines if shows(line)]
        assert leaks == []
        assert [line for line in lines if USER in line or CONTENT in line] == []
        self.story.saw(f"{len(leaks)} log lines, warnings and events show it")

    def check_error(self, error: BaseException) -> None:
        """Find the token in no part of an error, and no recipient in its text."""
        leaks = holders(error)
        leaks += [text for text in (shown_by(error), *ways_to_show(error)) if shows(text)]
        assert leaks == []
        assert USER not in f"{error} {error!r}"
        assert CONTENT not in f"{error} {error!r}"
        self.story.saw(
            f"{len(leaks)} parts of an error show it, the variables of its frames among them"
        )

    def check_reach(self, *roots: object) -> None:
        """Find the token in nothing that can be reached from these, but in a Secret."""
        leaks = holders(*roots)
        assert leaks == []
        self.story.saw(f"{len(leaks)} objects but a Secret hold it")
