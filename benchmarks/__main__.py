"""The command: measure, compare each figure with its bar, print; exit 1 when a bar is missed."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks import report
from benchmarks.bars import BARS
from benchmarks.figures import Figure, Missing
from benchmarks.loopback import LoopbackServer
from benchmarks.rounds import RunFailedError
from benchmarks.sizes import FULL, QUICK, Sizes


def figures(names: Sequence[str], sizes: Sizes) -> Iterator[Figure | Missing]:
    """Each figure as soon as it is known; a bar that cannot be run does not stop the next."""
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
    shown = missed = 0
    for figure in figures(options.only or tuple(BARS), sizes):
        print(line(figure), flush=True)
        shown += 1
        missed += isinstance(figure, Missing) or not figure.reached
    print(f"\n{shown - missed} of {shown} bars reached, in {time.monotonic() - start:.0f} s")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller, fewer rounds: a smoke run")
    parser.add_argument(
        "--only", action="append", choices=tuple(BARS), metavar="NAME", help=", ".join(BARS)
    )
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
