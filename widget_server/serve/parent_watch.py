"""Ends this process when its supervisor is gone, however that one died.

Standard library only, and no import of the package: the processes load this file alone and first, so that one that is
still loading the rest ends as well.
"""

import _thread
import os
import signal

# Named here, before gevent puts its own in place: the thread below is a real one.
from time import sleep

#: Names the descriptor of the reading end of the supervisor's pipe.
VARIABLE = "TILFREDS_LIFELINE"
GRACE_SECONDS = 1.5


def hold() -> None:
    """Watch the supervisor's pipe from a thread; without a supervisor there is nothing to watch."""
    number = os.environ.get(VARIABLE)
    if number is not None:
        _thread.start_new_thread(_watch, (int(number),))


def _watch(pipe: int) -> None:
    try:
        while os.read(pipe, 1):
            pass
    except OSError:
        # Where a process is spawned anew instead of forked the pipe does not come along; its parent has it.
        return
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(GRACE_SECONDS)
    os._exit(1)
