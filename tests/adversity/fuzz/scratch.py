"""Where do files lie that live for one input? In memory, where the machine has such a folder."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 -- a folder of our own is made in it


def written(name: str, data: bytes) -> Path:
    """Write a file that is its owner's alone, over an earlier one of its name."""
    path = _folder() / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return path


@cache
def _folder() -> Path:
    parent = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="pushwoosh-fuzz-", dir=parent)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
