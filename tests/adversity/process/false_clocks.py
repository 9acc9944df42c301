"""What makes a process see another time than it is, or another boot of the machine? Its wall clock only:
the boot clock goes on as it does.
"""  # noqa: D205 -- the exception belongs to the answer

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

# Where libfaketime may lie: the package of PyPI brings it along, and so does Debian's `faketime`.
_INSIDE = Path("vendor/libfaketime/src/libfaketime.so.1")
_DEBIAN = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
_LOOK = "import time; print(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME))"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_HOUR = 3600


class FalseWall:
    """The wall clock of processes that run under it.

    Attributes:
        under: the command to run them by.
    """

    def __init__(self, folder: Path, library: Path) -> None:
        self._file = folder / "wall"
        self.set("+0")
        self.under = (
            "env",
            f"LD_PRELOAD={library}",
            f"FAKETIME_TIMESTAMP_FILE={self._file}",
            "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "DONT_FAKE_MONOTONIC=1",  # as older versions call it
        )

    def set(self, offset: str) -> None:
        """Step the clock: so many seconds from the true time, in words of faketime: ``-3600``."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{offset}\n")
        fresh.replace(self._file)


@cache
def fake_library() -> Path | None:
    """Return a libfaketime that does on this machine what is asked of it; None if there is none."""
    found = importlib.util.find_spec("libfaketime")
    folders = found.submodule_search_locations if found is not None else None
    inside = [Path(folder) / _INSIDE for folder in folders or ()]
    return next((each for each in (*inside, *_DEBIAN) if each.exists() and _works(each)), None)


def _works(library: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        wall = FalseWall(Path(folder), library)
        wall.set(f"-{_HOUR}")
        command = [sys.executable, "-c", _LOOK]
        false, true = _look([*wall.under, *command]), _look(command)
    if len(false) < 2 or len(true) < 2:
        return False
    return abs(true[0] - false[0] - _HOUR) < 60 and abs(true[1] - false[1]) < 60


def _look(command: list[str]) -> list[float]:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    return [float(each) for each in done.stdout.split()] if done.returncode == 0 else []


@cache
def may_change_boot() -> bool:
    """Tell whether a process can be shown another boot id: it takes root, and a mount of its own."""
    if os.geteuid() != 0 or shutil.which("unshare") is None or not _BOOT_ID.exists():
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = [*other_boot(Path(folder)), "cat", str(_BOOT_ID)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    return done.stdout.strip() == _OTHER


_OTHER = "11111111-2222-4333-8444-555555555555"


def other_boot(folder: Path) -> tuple[str, ...]:
    """Return the command under which a process sees another boot id."""
    file = folder / "boot_id"
    file.write_text(f"{_OTHER}\n")
    script = f'mount --bind "{file}" {_BOOT_ID} && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", script, "sh")
