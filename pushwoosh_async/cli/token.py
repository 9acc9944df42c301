"""Where does the token come from? The environment, or a file that nobody else can read."""

import errno
import os
import stat

from pushwoosh_async.cli.complaints import BadInputError

OPTION = "--token-file"
DEVICE_OPTION = "--device-token-file"

# A token is some eighty characters; a file over this is something else.
_LIMIT = 4096


def read_token(path: str, option: str = OPTION) -> str:
    """Return the one line of a token file.

    Args:
        path: the file.
        option: that named it, for errors.

    Raises:
        BadInputError: the file cannot be read, is a symbolic link or no regular file, others than its
            owner may read it, or it holds more than one line. Never shows what is in it.
    """
    try:
        # Not blocking: to open a fifo would otherwise wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        link = error.errno == errno.ELOOP
        reason = "must not be a symbolic link" if link else error.strerror
    except ValueError:  # a NUL character in the path
        reason = "no file can have such a name"
    else:
        try:
            _check_private(option, path, os.fstat(descriptor))
            return _only_line(option, path, os.read(descriptor, _LIMIT + 1))
        finally:
            os.close(descriptor)
    raise BadInputError(f"{option} {path!r}: {reason}")


def _check_private(option: str, path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise BadInputError(f"{option} {path!r}: must be a regular file")
    mode = stat.S_IMODE(status.st_mode)
    if mode & ~0o600:
        raise BadInputError(
            f"{option} {path!r}: its mode is {mode:04o}; it must be 0600 or less, so that only its "
            "owner can read it"
        )


def _only_line(option: str, path: str, content: bytes) -> str:
    lines = content.removesuffix(b"\n").removesuffix(b"\r").split(b"\n")
    if len(content) > _LIMIT or len(lines) != 1 or not lines[0].isascii():
        raise BadInputError(f"{option} {path!r}: must hold the token as its only line, in ASCII")
    return lines[0].decode("ascii")
