"""The web server: granian's first process, which starts one worker (more on PostgreSQL) and watches it.

It runs as a file and loads nothing of the product, as it only waits; the workers load the application.
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
#: In one worker; an idle one costs nothing else.
MAX_CONNECTIONS = 4096


def hold_lifeline() -> None:
    runpy.run_path(str(Path(__file__).with_name("parent_watch.py")))["hold"]()


def load_application(_target: str) -> Callable[..., Any]:
    """What a worker does first. Until granian sets its own handlers a forked worker has those of its parent, which
    would swallow the signal to stop; and threads do not come along.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    hold_lifeline()
    _signals.set_main_signals = hear_once(_signals.set_main_signals)
    # What is loaded stays for the life of the process. The collector would walk through it many times meanwhile, which
    # takes a quarter of the time of a start.
    gc.disable()
    application: Callable[..., Any] = importlib.import_module(APPLICATION).make_application()
    gc.freeze()
    gc.enable()
    return application


def hear_once(listen: Callable[..., None]) -> Callable[..., None]:
    """Granian's way to set its handlers, but that they are told of the first signal alone.

    At the third its worker waits for ever with the interpreter's lock in its hand, so that no request that still runs
    would be finished; the supervisor sends one each second.
    """

    def listen_once(handler: Callable[..., None], *others: Any) -> None:
        heard: list[int] = []

        def first(number: int, frame: Any) -> None:
            if not heard:
                heard.append(number)
                handler(number, frame)

        listen(first, *others)

    return listen_once


def allow_connections() -> None:
    """Each is an open file, of which a process may have fewer than the system would let it have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def is_news(record: logging.LogRecord) -> bool:
    """Granian warns of many threads. Ours mostly wait, and waiting ones are what makes votes share a commit."""
    return "Python threads" not in record.getMessage()


def main(host: str, port: str, workers: str, threads: str, stop_seconds: str) -> None:
    hold_lifeline()
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
        # The other one would let bodies of unknown length stay open beside one another.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        websockets=False,
        log_level=LogLevels.warning,
    )
    logging.getLogger("_granian").addFilter(is_news)
    server.serve(target_loader=load_application)


if __name__ == "__main__":
    main(*sys.argv[1:])
