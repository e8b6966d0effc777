"""Ends this process when its supervisor is gone, even after SIGKILL.

Standard library only, no import of the package: the processes load this file first and by itself, so that a process
that is still loading the rest ends as well.
"""

import _thread
import os
import signal

# Imported before gevent replaces it, because the thread below is a real one.
from time import sleep

#: The environment variable with the descriptor of the supervisor's pipe, reading end.
VARIABLE = "TILFREDS_LIFELINE"
GRACE_SECONDS = 1.5


def watch_supervisor() -> None:
    """Watch the supervisor's pipe from a thread; do nothing without a supervisor."""
    number = os.environ.get(VARIABLE)
    if number is not None:
        _thread.start_new_thread(_watch, (int(number),))


def _watch(pipe: int) -> None:
    try:
        while os.read(pipe, 1):
            pass
    except OSError:
        # A process that was spawned instead of forked does not inherit the pipe; its parent watches it.
        return
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(GRACE_SECONDS)
    os._exit(1)
