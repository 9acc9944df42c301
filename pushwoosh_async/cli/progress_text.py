"""How far is it? A run's progress in words. Pure."""

from pushwoosh_async import Progress
from pushwoosh_async.cli.words import count, duration


def settled(progress: Progress) -> int:
    """Return how many inputs need nothing more."""
    return progress.accepted + progress.rejected + progress.invalid + progress.duplicates


def share(progress: Progress) -> str:
    """Return how much of the whole is settled; nothing where the whole is unknown."""
    return f"{100 * settled(progress) // progress.total} %" if progress.total else ""


def pace(progress: Progress) -> str:
    """Return what was sent, how fast, and how long it will take."""
    whole = f" of {progress.total:,}" if progress.total is not None else ""
    parts = [f"{progress.accepted:,}{whole} sent", f"{progress.rate:,.0f}/s"]
    left = progress.seconds_left
    if left is not None and settled(progress) != progress.total:
        parts.append(f"{duration(left)} left")
    return ", ".join(parts)


def trouble(progress: Progress, failing: str) -> str:
    """Return what went wrong so far, and what is being retried.

    Args:
        progress: of the run.
        failing: the newest failure of an attempt that will be repeated; empty for none.
    """
    parts = [count(progress.retries, "retry", "retries"), f"{progress.in_doubt:,} in doubt"]
    if progress.rejected:
        parts.append(f"{progress.rejected:,} rejected")
    if failing:
        parts.append(f"retrying: {failing}")
    return ", ".join(parts)
