"""How far is it? A run's progress in words. Pure."""

from pushwoosh_async import Progress
from pushwoosh_async.cli.words import count, duration


def settled(progress: Progress) -> int:
    """Return how many inputs need nothing more."""
    return progress.accepted + progress.rejected + progress.invalid + progress.duplicates


def share(progress: Progress) -> str:
    """Return how much of the whole is settled; nothing where the whole is unknown."""
    return f"{100 * settled(progress) // progress.total} %" if progress.total else ""


def sent(progress: Progress) -> str:
    """Return how much was sent."""
    whole = f" of {progress.total:,}" if progress.total is not None else ""
    return f"{progress.accepted:,}{whole} sent"


def pace(progress: Progress) -> str:
    """Return what was sent, how fast, and how long it will take."""
    before = f", {progress.resumed:,} of them before" if progress.resumed else ""
    parts = [f"{sent(progress)}{before}", f"{progress.rate:,.0f}/s"]
    left = progress.seconds_left
    if left is not None and settled(progress) != progress.total:
        parts.append(f"{duration(left)} left")
    return ", ".join(parts)


def trouble(progress: Progress, failing: str) -> str:
    """Return what went wrong so far, what holds the run up, and what is being retried.

    Args:
        progress: of the run.
        failing: the newest failure of an attempt that will be repeated; empty for none.
    """
    parts = [count(progress.retries, "retry", "retries"), f"{progress.in_doubt:,} in doubt"]
    if progress.rejected:
        parts.append(f"{progress.rejected:,} rejected")
    if progress.limited:
        parts.append(f"slowed down by the API {count(progress.limited, 'time')}")
    if progress.held:
        parts.append(f"held {duration(progress.held)}")
    if progress.paused:
        parts.append("paused")
    if failing:
        parts.append(f"retrying: {failing}")
    elif progress.last_failure and not progress.accepted:
        parts.append(f"failed last: {progress.last_failure}")
    return ", ".join(parts)
