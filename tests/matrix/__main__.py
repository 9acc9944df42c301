"""Does it work with what this machine has? ``python -m tests.matrix`` tries each Python in each way.

It prints a line a cell, writes docs/matrix.json and docs/matrix.md, and exits with 1 if a test failed. A
Python that the machine lacks is named, and is no failure.
"""

import argparse
import sys

from .cells import Cell, cells
from .declared import project, pythons
from .environment import FOLDER, CannotBeMadeError, environment
from .interpreters import find
from .page import PAGE, page, read, write
from .trying import ALL, CHOSEN, Outcome, attempt


def say(line: str) -> None:
    """Print a line at once: the next one may take minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def try_one(cell: Cell, tests: tuple[str, ...]) -> Outcome | str:
    """Try a cell; return what came of it, or why it was not run.

    Raises:
        CannotBeMadeError: pip cannot bring its versions together.
    """
    python = find(cell.python)
    if python is None:
        return f"no python{cell.python} on this machine"
    place = environment(python, cell.python, cell.dependencies)
    return attempt(cell, place, tests, FOLDER / f"{cell.name}.log")


def try_all(
    chosen: list[Cell], tests: tuple[str, ...]
) -> tuple[dict[str, Outcome], dict[str, str], bool]:
    """Try cells, a line for each; return the outcomes, what was not run, and whether all is well."""
    outcomes: dict[str, Outcome] = {}
    missing: dict[str, str] = {}
    well = True
    FOLDER.mkdir(exist_ok=True)
    for cell in chosen:
        try:
            found = try_one(cell, tests)
        except CannotBeMadeError as error:
            found, well = str(error), False
        if isinstance(found, str):
            missing[cell.name] = found
            say(f"{cell.name}: {found}")
        else:
            outcomes[cell.name] = found
            well = well and not found.failed
            say(found.line())
    return outcomes, missing, well


def main() -> int:
    """Try them, write the page; return the exit code."""
    every = cells(pythons(project()["classifiers"]))
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    parser.add_argument("--cells", default="", metavar="NAME,...", help="only these")
    parser.add_argument("--full", action="store_true", help="every quick test, not the chosen ones")
    parser.add_argument("--list", action="store_true", help="name the cells, and run nothing")
    options = parser.parse_args()
    wanted = set(filter(None, options.cells.split(",")))
    if unknown := wanted - {each.name for each in every}:
        parser.error(f"there is no cell {', '.join(sorted(unknown))}")
    chosen = [each for each in every if not wanted or each.name in wanted]
    if options.list:
        say("\n".join(each.name for each in chosen))
        return 0

    outcomes, missing, well = try_all(chosen, ALL if options.full else CHOSEN)
    known = {**read(), **outcomes}
    kept = [known[each.name] for each in every if each.name in known and each.name not in missing]
    absent = {each.name: "not tried yet" for each in every if each.name not in known}
    write(kept)
    PAGE.write_text(page(kept, {**absent, **missing}), "utf-8")
    say(f"see docs/{PAGE.name}; what the tests said is in {FOLDER.name}/")
    return int(not well)


sys.exit(main())
