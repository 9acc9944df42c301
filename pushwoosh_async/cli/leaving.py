"""How does the process end, even while a thread still waits for standard input?"""

import os
import signal
import sys
import threading
from typing import NoReturn

# An idle worker thread ends by itself within this time; one that reads a terminal never does.
_PATIENCE = 0.5


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
