"""What is a target? Something of ours that reads bytes from outside, and what may come of it."""

import gc
import time
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

CORPUS = Path(__file__).parent / "corpus"
VENDORS = Path(__file__).parents[2] / "seeds"  # the JSON of the vendor's own pages


@frozen
class Target:
    """A reader under test. hypothesis, atheris and the kept corpus all go through `feed`.

    Attributes:
        name: of the target, and of its folder in the corpus.
        row: of the book.
        read: takes any bytes; returns what became of them, in a word: the name of one of our errors, or
            another. Raises where the reader let anything else escape, or did not keep its promise.
        tokens: what the bytes are made of, for whoever makes up others.
        vendors: whether the vendor's own samples belong to the corpus.
        pace: processor seconds that a byte may take, beside the two that any input may: it may be packed,
            and a thousand times longer than it looks.
    """

    name: str
    row: str
    read: Callable[[bytes], str]
    tokens: tuple[bytes, ...]
    vendors: bool = False
    pace: float = 20e-6

    def feed(self, data: bytes) -> str:
        """Read, and hold the reader to its time.

        Raises:
            AssertionError: it took too long, or did not keep another promise.
        """
        told, spent = self._timed(data)
        if spent > self.slowest(len(data)):
            # A collection of all that hypothesis remembers takes as long: the next reading meets none.
            gc.collect()
            told, spent = self._timed(data)
        assert spent < self.slowest(len(data)), f"{spent:.1f} s for {len(data)} bytes"
        return told

    def _timed(self, data: bytes) -> tuple[str, float]:
        begun = time.thread_time()
        told = self.read(data)
        return told, time.thread_time() - begun

    def slowest(self, size: int) -> float:
        """Return the processor seconds that so many bytes may take."""
        return 2.0 + self.pace * size

    def folders(self) -> list[Path]:
        """Return where inputs are kept: samples to begin with, and whatever has found something once."""
        return [CORPUS / self.name, *([VENDORS] if self.vendors else [])]

    def corpus(self) -> list[Path]:
        """Return the inputs that are kept."""
        return [path for folder in self.folders() for path in sorted(folder.iterdir())]
