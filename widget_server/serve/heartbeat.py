"""Heartbeats of this process to its supervisor, which replaces a process without them.

Standard library only, no import of the package: the live process loads this file before gevent's parts.
"""

import os
import threading
import time
from collections.abc import Callable

#: The environment variable with the descriptor of the supervisor's pipe, writing end.
VARIABLE = "TILFREDS_HEARTBEAT"
INTERVAL_SECONDS = 2.0


def start_heartbeat(is_answering: Callable[[], bool] = lambda: True) -> None:
    """Send heartbeats from a thread while `is_answering`; do nothing without a supervisor.

    In the live process gevent makes the thread a greenlet, so that a blocked loop stops the heartbeats.
    """
    number = os.environ.get(VARIABLE)
    if number is not None:
        threading.Thread(target=_send, args=(int(number), is_answering), name="heartbeat", daemon=True).start()


def _send(pipe: int, is_answering: Callable[[], bool]) -> None:
    line = f"{os.getpid()}\n".encode()
    while True:
        if is_answering():
            try:
                os.write(pipe, line)
            except BlockingIOError:
                """The supervisor did not read for long; the pipe holds enough heartbeats."""
            except OSError:
                # A process that was spawned instead of forked does not inherit the pipe.
                return
        time.sleep(INTERVAL_SECONDS)
