"""What does the demo say? Its figures, and what they mean. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pushwoosh_async import RateLimit, SendReport
from pushwoosh_async.cli.ledger_check import Verdict
from pushwoosh_async.cli.report_text import IN_DOUBT
from pushwoosh_async.cli.words import count, duration, table


@dataclass(frozen=True)
class Figures:
    """What the demo found.

    Attributes:
        report: the library's.
        verdict: on the report.
        truth: the sandbox's counters.
        peak: bytes of memory that the client's process needed at most; None where unknown.
    """

    report: SendReport
    verdict: Verdict
    truth: Mapping[str, Any]
    peak: int | None

    @property
    def is_sound(self) -> bool:
        """Whether nobody was lost, nobody was sent to twice, and the report is true in every line."""
        return (
            self.verdict.is_true and not self.truth["duplicates"] and not self.truth["broadcasts"]
        )


def opening_words(users: int, url: str, unclear: float, late: float, *, packed: int) -> str:
    """Return what is about to happen.

    Args:
        users: how many.
        url: of the stand-in.
        unclear: share of the requests that it fails so that nobody can tell what became of them.
        late: share of the requests that it answers late.
        packed: how many notifications share a request.
    """
    how = f", {packed} notifications in a request" if packed > 1 else ""
    return (
        f"Sending to {count(users, 'user')}{how}. A process at {url} stands in for Pushwoosh;\n"
        f"it fails {unclear:.1%} of the requests so that nobody can tell whether they were delivered,\n"
        f"and answers {late:.1%} late."
    )


def figures_table(figures: Figures) -> str:
    """Return the figures."""
    report, truth = figures.report, figures.truth
    rows = {
        "recipients accepted": f"{report.accepted:,}",
        "recipients rejected": f"{report.rejected:,}",
        "recipients in doubt": f"{report.in_doubt:,}",
        "recipients not sent": f"{report.not_sent:,}",
        "requests": f"{report.requests:,}",
        "retries": f"{report.retries:,}",
        "faults played by the server": f"{sum(truth['faults'].values()):,}",
        "repeats the server dropped": f"{truth['replays']:,}",
        "duplicates seen by the ledger": f"{figures.verdict.duplicates:,}",
        "lost": f"{figures.verdict.lost:,}",
        "seconds": f"{report.seconds:,.1f}",
        "users per second": f"{report.accepted / max(report.seconds, 0.001):,.0f}",
    }
    if figures.peak is not None:
        rows["peak memory of the client"] = f"{figures.peak / 2**20:,.0f} MiB"
    return table(rows)


def closing_words(figures: Figures) -> str:
    """Return what the figures mean."""
    report = figures.report
    parts = [_judgement(figures)]
    if report.in_doubt:
        parts.append(IN_DOUBT)
    real = _least_seconds(report.requests, RateLimit())
    parts.append(
        "The limit of 600 requests a minute was lifted on both sides for this demo. Under it, as at "
        f"the vendor,\nthe same {count(report.requests, 'request')} take at least {duration(real)}."
    )
    return "\n\n".join(parts)


def _least_seconds(requests: int, limit: RateLimit) -> float:
    """Return the time between the first and the last of so many requests under a limit."""
    return max(requests - limit.burst, 0) * limit.interval


def _judgement(figures: Figures) -> str:
    if figures.is_sound:
        return (
            "Held against the server's own ledger, user by user: everybody reported as accepted got the\n"
            "message once, nobody got it twice, and nobody got it who was reported as left out."
        )
    verdict = figures.verdict
    wrong = [
        f"{verdict.lost:,} reported as accepted got nothing",
        f"{verdict.duplicates:,} deliveries were second ones",
        f"{verdict.contradicted:,} reported as left out got it",
        f"{verdict.strangers:,} got it who are not in the file",
        *verdict.miscounted,
    ]
    return "THE REPORT IS NOT TRUE, by the server's own ledger:\n" + "\n".join(
        f"  {line}" for line in wrong
    )
