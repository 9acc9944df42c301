"""The server as the benchmark holds it: started, told when a run begins, asked for its counts."""

import json
from types import TracebackType
from typing import Self

from benchmarks.processes import start_module
from benchmarks.server import Counts


class LoopbackServer:
    """One `benchmarks.server` process; a context manager."""

    url: str

    def __enter__(self) -> Self:
        self._process = start_module("benchmarks.server")
        self.url = f"http://127.0.0.1:{int(self._line())}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def begin(self, latency: float) -> None:
        """Answer after `latency` seconds from now on, and count from nought."""
        self._ask(f"begin {latency}")

    def counts(self) -> Counts:
        """What was seen since `begin`."""
        return self._ask("counts")

    def _ask(self, order: str) -> Counts:
        assert self._process.stdin is not None
        print(order, file=self._process.stdin, flush=True)
        return Counts(**json.loads(self._line()))

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the server died; what it said is on standard error")
        return line
