"""One log for all processes: lines on standard error, ready for the journal."""

import logging
import sys
import time

from ..core.config import Config


class LogFormatter(logging.Formatter):
    """Lines with the local time, which is put into words once a second."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.second = (0, "")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        number, words = self.second
        if number != int(record.created):
            number = int(record.created)
            words = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(number))
            self.second = (number, words)
        return f"{words},{int(record.msecs):03d}"


def set_up(config: Config) -> None:
    # Nothing of this stands in a line, and gathering it would cost each request more than writing the line; the last
    # is the library's own switch for looking through the stack for who logs.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
