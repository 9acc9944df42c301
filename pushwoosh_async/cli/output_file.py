"""How is a file written that others must not read, and that has its name only when it is whole?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from pushwoosh_async.cli.complaints import BadInputError, RefusedError
from pushwoosh_async.cli.exit_codes import ExitCode

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def written(option: str, path: str, *, force: bool) -> Iterator[TextIO]:
    """Write a new file of mode 0600, in UTF-8. It has its name once the block has been left well.

    Args:
        option: that named it, for errors.
        path: of the file.
        force: replace one that is there, or the symbolic link in its place.

    Raises:
        BadInputError: there is such a file, or none can be made there.
        RefusedError: it cannot be written to its end.
    """
    target, fresh = Path(path), Path(f"{path}.{os.getpid()}.part")
    if not force:  # an empty file keeps the name, so that nobody else's is replaced in the end
        os.close(_created(option, path, target))
    try:
        with _told(option, path), _opened(_created(option, path, fresh)) as file:
            yield file
        with _told(option, path):
            fresh.replace(target)
    except BaseException:
        for left in (fresh,) if force else (fresh, target):
            with suppress(OSError, ValueError):
                left.unlink()
        raise


def _opened(descriptor: int) -> TextIO:
    # A lone surrogate, which JSON can hold, has no form in UTF-8.
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")


def _created(option: str, path: str, name: Path) -> int:
    try:
        return os.open(name, _NEW, 0o600)
    except FileExistsError:
        complaint = "there is such a file; --force replaces it"
    except OSError as error:
        complaint = error.strerror or type(error).__name__
    except ValueError:  # a NUL character in the path
        complaint = "no file can have such a name"
    raise BadInputError(f"{option} {path!r}: {complaint}")


@contextmanager
def _told(option: str, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        complaint = error.strerror or type(error).__name__
    else:
        return
    raise RefusedError(f"{option} {path!r}: {complaint}", code=ExitCode.FAILED)
