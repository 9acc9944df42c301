"""How does the process end, even while a thread still waits for standard input?"""

import os
import signal
import sys
import threading
from typing import NoReturn

# An idle worker thread ends by itself within this time; one that reads a terminal never does.
_PATIENCE = 0.5


def unread() -> int:
    """Return the exit code where whoever read our output has gone: as ``| head -1`` does, no error to tell.

    What is still in a buffer goes nowhere, or Python would complain of it at its end.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return 1


def leave(code: int) -> NoReturn:
    """Exit now. Python itself would wait for every thread, one that blocks in a read included."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said: a last Ctrl-C changes nothing
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join(_PATIENCE)
            if thread.is_alive():
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
    sys.exit(code)
