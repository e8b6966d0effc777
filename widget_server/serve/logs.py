"""One log for all processes: lines on standard error, ready for the journal."""

import logging
import sys

from ..config import Config


def set_up(config: Config) -> None:
    # Nothing of this stands in a line, and gathering it would cost each request more than writing the line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
