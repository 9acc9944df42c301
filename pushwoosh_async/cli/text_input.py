"""How is a text read that may come from a file or from standard input?"""

import sys
from pathlib import Path

from pushwoosh_async.cli.complaints import BadInputError

STANDARD_INPUT = "-"


def read_text(name: str, path: str) -> str:
    """Return the text of a file; ``-`` is standard input.

    Args:
        name: what the user typed it as, for errors.
        path: the file.

    Raises:
        BadInputError: it cannot be read, or is not in UTF-8.
    """
    try:
        if path == STANDARD_INPUT:
            return sys.stdin.buffer.read().decode()
        return Path(path).read_bytes().decode()
    except OSError as error:
        complaint = error.strerror or "it cannot be read"
    except UnicodeDecodeError:
        complaint = "must be text in UTF-8"
    except ValueError:  # a NUL character in the path
        complaint = "no file can have such a name"
    raise BadInputError(f"{name} {path!r}: {complaint}")
