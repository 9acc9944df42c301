"""The server as the benchmark holds it: started, told when a run begins, asked for its counts."""

import json
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.processes import start_module
from benchmarks.server import Terms
from benchmarks.tally import Counts


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client finds the server, and the certificate it is to trust there, if any."""

    url: str
    trust: Path | None = None

    def arguments(self) -> tuple[str, ...]:
        """The same on a client's command line."""
        trust = () if self.trust is None else (f"--trust={self.trust}",)
        return (f"--url={self.url}", *trust)


class LoopbackServer:
    """One `benchmarks.server` process; a context manager.

    Attributes:
        plain: where it speaks HTTP.
        secure: where it speaks HTTP over TLS.
    """

    plain: Place
    secure: Place

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            _write_certificates(folder)
            self._process = start_module("benchmarks.server", str(folder / "server.pem"))
            plain, secure = self._line().split()
            self._folder = stack.pop_all()
        self.plain = Place(f"http://127.0.0.1:{plain}")
        self.secure = Place(f"https://127.0.0.1:{secure}", folder / "authority.pem")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()
        self._folder.close()

    def begin(self, terms: Terms) -> None:
        """Answer by these terms from now on, and count from nought."""
        self._ask(f"begin {json.dumps(asdict(terms))}")

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


def _write_certificates(folder: Path) -> None:
    # In a process of its own: what this one imports is where the memory of its clients begins.
    with start_module("benchmarks.certificates", str(folder)) as process:
        if process.wait():
            raise RuntimeError("no certificates; what went wrong is on standard error")
