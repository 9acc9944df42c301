"""Does some test notice when a rule of the design is switched off? One mutation for each (delivery.md 2.9).

``python tests/fanout/mutations.py [WORDS]`` breaks a copy of the package in one place, runs the tests that
should notice, and goes on to the next. It prints which test caught what, and exits with 1 if one was not
caught. WORDS choose the mutations whose rule or change holds them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

sys.path.insert(0, str(Path(__file__).parents[1]))

from adversity.effort import FULL
from mutation_rules import MUTATIONS, NOT_FOR_SAFETY, Mutation

ROOT = Path(__file__).parents[2]
_COPIED = ("pushwoosh_async", "tests", "pytest_pushwoosh_async.py", "pyproject.toml")
_AT_ONCE = 2
_LONGEST = 300.0  # seconds: a test that hangs has noticed nothing


def copy_to(folder: Path) -> Path:
    """Copy what the tests need; return the folder."""
    folder.mkdir()
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def failing(folder: Path, tests: tuple[str, ...]) -> str:
    """Run tests over a copy; return the first that fails, or "" if none does.

    Raises:
        RuntimeError: they could not be run, or did not end.
    """
    command = [
        sys.executable,
        "-B",
        "-m",
        "pytest",
        "-x",
        "-q",
        "--tb=no",
        "-m",
        "",  # the slow ones, too
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(  # noqa: S603 -- our own tests
        [*command, *tests],
        cwd=folder,
        # With the usual effort: what notices a rule that is off does so soon.
        env={**os.environ, "PYTHONPATH": str(folder), FULL: "usual"},
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode not in {0, 1} or len(failed) != done.returncode:
        raise RuntimeError(f"the tests of {tests} could not be run:\n{done.stdout}{done.stderr}")
    return failed[0].split()[1] if failed else ""


def caught_by(mutation: Mutation, folder: Path) -> str:
    """Break a copy, and mend it again; return the test that noticed, or ""."""
    file = folder / "pushwoosh_async" / mutation.file
    whole = file.read_text("utf-8")
    file.write_text(mutation.applied_to(whole), "utf-8")
    try:
        return failing(folder, mutation.tests)
    finally:
        file.write_text(whole, "utf-8")


def check_unbroken(folder: Path, mutations: list[Mutation]) -> None:
    """See that no test fails by itself: it would seem to catch everything.

    Raises:
        RuntimeError: one does.
    """
    tests = tuple(
        dict.fromkeys(test.partition("::")[0] for each in mutations for test in each.tests)
    )
    failed = failing(folder, tests)
    if failed:
        raise RuntimeError(f"{failed} fails without any mutation")


def main(words: list[str]) -> int:
    """Try all, or some; return the exit code."""
    chosen = [
        each
        for each in MUTATIONS
        if not words or any(word in f"{each.rule} {each.change}" for word in words)
    ]
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(_AT_ONCE) as pool:
        free: Queue[Path] = Queue()
        for number in range(_AT_ONCE):
            free.put(copy_to(Path(name) / str(number)))

        def attempt(mutation: Mutation | None) -> str:
            folder = free.get()
            try:
                if mutation is not None:
                    return caught_by(mutation, folder)
                check_unbroken(folder, chosen)
                return ""
            finally:
                free.put(folder)

        unbroken = pool.submit(attempt, None)
        found = list(zip(chosen, pool.map(attempt, chosen), strict=True))
        unbroken.result()
    for mutation, test in found:
        _say(mutation.rule, mutation.change, test or "NOT CAUGHT")
    for rule, why in NOT_FOR_SAFETY.items():
        _say(rule, "", f"no promise rests on it: {why}")
    return 0 if all(test for _, test in found) else 1


def _say(rule: str, change: str, result: str) -> None:
    sys.stdout.write(f"{rule:42} {change:58} {result}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
