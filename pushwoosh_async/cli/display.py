"""Where is progress shown? A live bar on a terminal, a line now and then elsewhere, or nowhere."""

import sys
import time
from math import inf
from types import TracebackType
from typing import Self

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pushwoosh_async import Progress
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.progress_text import pace, settled, share, trouble

# Seconds between lines where there is no terminal: a log of an hour stays under a thousand lines.
_LINE_EVERY = 5.0
_BAR_WIDTH = 30


class Display:
    """Shows a run while it goes. This one shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the display."""

    def show(self, progress: Progress, failing: str) -> None:
        """Show how far it is, and the newest failure that is being retried."""

    def tell(self, text: str) -> None:
        """Show how far something is of which no end is known."""

    def note(self, text: str) -> None:
        """Say something once."""


class Lines(Display):
    """A plain line every few seconds."""

    def __init__(self, label: str, *, at_once: bool) -> None:
        self._label = label
        self._shown = -inf if at_once else time.monotonic()

    def show(self, progress: Progress, failing: str) -> None:
        """See `Display`."""
        self.tell(f"{pace(progress)}; {trouble(progress, failing)}")

    def tell(self, text: str) -> None:
        """See `Display`."""
        now = time.monotonic()
        if now - self._shown >= _LINE_EVERY:
            self._shown = now
            self.note(f"{self._label}: {text}")

    def note(self, text: str) -> None:
        """See `Display`."""
        typer.echo(printable(text), err=True)


class Bar(Display):
    """A live bar, the pace and the trouble below it."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._console = Console(stderr=True, markup=False, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, progress: Progress, failing: str) -> None:
        """See `Display`."""
        bar = ProgressBar(
            total=None if progress.total is None else max(progress.total, 1),
            completed=settled(progress),
            width=_BAR_WIDTH,
            pulse=progress.total is None,
        )
        line = Table.grid(padding=(0, 1))
        line.add_row(Text(self._label), bar, Text(share(progress)))
        below = [_one_line(pace(progress)), _one_line(trouble(progress, failing))]
        self._live.update(Group(line, *below), refresh=True)

    def tell(self, text: str) -> None:
        """See `Display`."""
        self._live.update(_one_line(f"{self._label}: {text}"), refresh=True)

    def note(self, text: str) -> None:
        """See `Display`."""
        self._console.print(Text(printable(text)))


def _one_line(text: str) -> Text:
    """As Text, since a server's words in brackets would otherwise be read as markup."""
    return Text(printable(text), style="dim", no_wrap=True, overflow="ellipsis")


def display(label: str, *, quiet: bool, at_once: bool = False) -> Display:
    """Return the display that fits standard error.

    Args:
        label: what is going on, in one word.
        quiet: show nothing.
        at_once: where there is no terminal, write the first line without a wait.
    """
    if quiet:
        return Display()
    return Bar(label) if sys.stderr.isatty() else Lines(label, at_once=at_once)
