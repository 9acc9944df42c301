"""How much is sent: enough for a figure, or only enough to see that all of it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rounds, and chunks per run.

    `throughput` is chunks too, apart because it decides what the plain script reaches: its pool
    slows down as a job goes on (README.md).
    """

    rounds: int
    chunks: int
    throughput: int
    file_rounds: int
    small_file: int
    large_file: int


FULL = Sizes(
    rounds=5,
    chunks=1024,
    throughput=4096,
    file_rounds=3,
    small_file=1_000_000,
    large_file=10_000_000,
)
QUICK = Sizes(
    rounds=1,
    chunks=256,
    throughput=512,
    file_rounds=1,
    small_file=200_000,
    large_file=1_000_000,
)
