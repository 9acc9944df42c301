"""How much is sent: enough for a figure, or only enough to see that all of it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rounds, and chunks per run.

    `throughput` is chunks too, apart because it decides what the plain script reaches: its pool
    slows down as a job goes on (README.md). `packs` is requests, of those who pack. The minutes are
    how many seconds the minute of the server's limit lasts: half of one where much is sent, to save
    time; a whole one where the client has the most to do.
    """

    rounds: int
    chunks: int
    packs: int
    throughput: int
    bulk_minute: float
    personalised_minute: float
    file_rounds: int
    small_file: int
    large_file: int


FULL = Sizes(
    rounds=5,
    chunks=1024,
    packs=96,
    throughput=4096,
    bulk_minute=30.0,
    personalised_minute=60.0,
    file_rounds=3,
    small_file=1_000_000,
    large_file=10_000_000,
)
QUICK = Sizes(
    rounds=1,
    chunks=256,
    packs=16,
    throughput=512,
    bulk_minute=3.0,
    personalised_minute=3.0,
    file_rounds=1,
    small_file=200_000,
    large_file=1_000_000,
)
