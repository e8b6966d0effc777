"""Logging of all processes to standard error, where the system's journal collects it."""

import logging
import sys
import time

from ..core.config import Config


class LogFormatter(logging.Formatter):
    """A formatter with the local time, which it formats once a second."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.second = (0, "")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        number, formatted_time = self.second
        if number != int(record.created):
            number = int(record.created)
            formatted_time = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(number))
            self.second = (number, formatted_time)
        return f"{formatted_time},{int(record.msecs):03d}"


def set_up(config: Config) -> None:
    # No line contains these fields, and collecting them would cost each request more than writing the line.
    # `_srcfile = None` is the documented switch of `logging` against the search of the stack for the caller.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
