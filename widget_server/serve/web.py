"""The web server: granian's first process, which starts one worker (more on PostgreSQL) and watches it.

It runs as a file and does not load the package, because it only waits; the workers load the application.
Arguments: host, port, workers, threads, seconds to stop.
"""

import gc
import importlib
import logging
import os
import resource
import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian import Granian, _signals
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

APPLICATION = "widget_server.serve.application"
HEADER_MILLISECONDS = 10_000
#: The library compares after each read, and a read adds up to 8 KB, so a head has at most 32 KB.
MAX_HEAD_BYTES = 24 * 1024
#: Per worker; an idle connection costs nothing else.
MAX_CONNECTIONS = 4096


def watch_supervisor() -> None:
    runpy.run_path(str(Path(__file__).with_name("parent_watch.py")))["watch_supervisor"]()


def load_application(_target: str) -> Callable[..., Any]:
    """Load the application in a forked worker.

    Until granian sets its handlers, a worker has those of its parent, which would swallow the signal to stop. A fork
    does not copy threads, so the supervisor is watched again here.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    watch_supervisor()
    _signals.set_main_signals = handle_first_signal_only(_signals.set_main_signals)
    # Loaded modules stay for the life of the process, so collections during loading free nothing; they would take a
    # quarter of the start time.
    gc.disable()
    application: Callable[..., Any] = importlib.import_module(APPLICATION).make_application()
    gc.freeze()
    gc.enable()
    return application


def handle_first_signal_only(set_signals: Callable[..., None]) -> Callable[..., None]:
    """Wrap granian's function that sets signal handlers, so that they receive only the first signal.

    At the third signal granian's worker waits for ever while it holds the interpreter's lock, and no running request
    would finish; the supervisor sends one signal each second.
    """

    def set_signals_once(handler: Callable[..., None], *others: Any) -> None:
        received_signals: list[int] = []

        def handle_first(number: int, frame: Any) -> None:
            if not received_signals:
                received_signals.append(number)
                handler(number, frame)

        set_signals(handle_first, *others)

    return set_signals_once


def allow_connections() -> None:
    """Raise this process's limit of open files to the hard limit, as each connection is an open file."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))


def is_relevant(record: logging.LogRecord) -> bool:
    """Return False for granian's warning about many threads.

    The threads mostly wait, and votes of waiting threads share a commit.
    """
    return "Python threads" not in record.getMessage()


def main(host: str, port: str, workers: str, threads: str, stop_seconds: str) -> None:
    watch_supervisor()
    allow_connections()
    server = Granian(
        APPLICATION,
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(workers),
        blocking_threads=int(threads),
        backpressure=MAX_CONNECTIONS,
        workers_kill_timeout=int(stop_seconds),
        # HTTP/2 would allow several bodies of unknown length at once on one connection.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=MAX_HEAD_BYTES),
        websockets=False,
        log_level=LogLevels.warning,
    )
    logging.getLogger("_granian").addFilter(is_relevant)
    server.serve(target_loader=load_application)


if __name__ == "__main__":
    main(*sys.argv[1:])
