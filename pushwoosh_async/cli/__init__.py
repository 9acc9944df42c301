"""What happens when somebody types ``pushwoosh-async``? The commands run, or one line says what is missing.

Every command is a call of the library with a progress bar around it.
"""

import sys
from typing import NoReturn

_NEEDED = ("rich", "typer")
_MISSING = "pushwoosh-async: the command line needs: pip install 'pushwoosh-async[cli]'\n"


def main() -> NoReturn:
    """Run the command that the process was started with, and leave with its exit code."""
    try:
        # Here, so that an import of this package works without the extra, and the error is one line.
        from pushwoosh_async.cli.app import run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _NEEDED:
            raise
        missing = True
    else:
        missing = False
    if missing:
        sys.stderr.write(_MISSING)
        sys.exit(2)
    from pushwoosh_async.cli.leaving import leave, unread

    try:
        code = run(sys.argv[1:])
    except BrokenPipeError:
        code = unread()
    leave(code)
