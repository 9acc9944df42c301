"""The command: measure, compare each figure with its bar, print; exit 1 when a bar is missed."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.bars import BARS
from benchmarks.figures import Chart, Figure, Missing
from benchmarks.loopback import LoopbackServer
from benchmarks.plots import save
from benchmarks.processes import RunFailedError
from benchmarks.sizes import FULL, QUICK, Sizes


def results(names: Sequence[str], sizes: Sizes) -> Iterator[Figure | Chart | Missing]:
    """Each result as soon as it is known; a bar that cannot be run does not stop the next."""
    with LoopbackServer() as server:
        for name in names:
            try:
                yield from BARS[name](server, sizes)
            except RunFailedError as error:
                yield Missing(name, str(error))


def main() -> int:
    """Read the command line, run, print; the exit code."""
    options = _options()
    sizes = QUICK if options.quick else FULL
    head, line = (
        (report.markdown_head, report.markdown_line)
        if options.markdown
        else (report.text_head, report.text_line)
    )
    start = time.monotonic()
    print(head(), flush=True)
    barred = missed = 0
    for result in results(options.only or tuple(BARS), sizes):
        if isinstance(result, Chart):
            if options.plots is not None:
                save(result, options.plots)
            continue
        print(line(result), flush=True)
        barred += isinstance(result, Missing) or result.bar is not None
        missed += isinstance(result, Missing) or not result.reached
    print(f"\n{barred - missed} of {barred} bars reached, in {time.monotonic() - start:.0f} s")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller, fewer rounds: a smoke run")
    parser.add_argument(
        "--only", action="append", choices=tuple(BARS), metavar="NAME", help=", ".join(BARS)
    )
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw each group as SVG")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
