"""The server of the streams: gevent's, with many connections and a time limit for clients that stop reading."""

from __future__ import annotations

import logging
import resource
from typing import Any

import gevent
from gevent.pywsgi import WSGIHandler, WSGIServer

log = logging.getLogger("tilfreds.live")

#: Each stream is an open file; the database's connections and rejected requests need more.
MAX_OPEN_FILES = 8192
#: The time limit of a write to a client that reads nothing. It also ends connections whose client disappeared.
WRITE_TIMEOUT_SECONDS = 30.0
MAX_HEAD_BYTES = 32 * 1024
#: How long the lines after the first one may take, and how long a connection may be idle before the first one.
HEAD_SECONDS = 10.0
IDLE_SECONDS = 30.0


def allow_files() -> None:
    """Raise this process's limit of open files, which starts at a few hundred on most systems."""
    soft_limit, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    file_limit = MAX_OPEN_FILES if hard_limit == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard_limit)
    if file_limit > soft_limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (file_limit, hard_limit))
    if file_limit < MAX_OPEN_FILES:
        log.warning("live: the system allows %s open files, so about as many streams", file_limit)


class HeadReader:
    """A file whose lines together have a limit."""

    def __init__(self, file: Any, max_bytes: int) -> None:
        self.file = file
        self.max_bytes = max_bytes

    def readline(self, size: int) -> bytes:
        line: bytes = self.file.readline(min(size, self.max_bytes + 1))
        self.max_bytes -= len(line)
        if self.max_bytes < 0:
            raise ValueError("the head is too long")
        return line


class Handler(WSGIHandler):  # type: ignore[misc]
    """A handler that bounds the head of a request in bytes and in time."""

    rfile: Any
    #: A client that disappears is not an error of the server, so gevent should not log a traceback.
    ignored_socket_errors = (*WSGIHandler.ignored_socket_errors, "timed out")

    def read_requestline(self) -> str:
        """Return the first line; empty, which ends the connection, if it does not arrive in time."""
        with gevent.Timeout(IDLE_SECONDS, False):
            line: str = super().read_requestline()
            return line
        return ""

    def read_request(self, raw_requestline: str) -> bool:
        """Read the other lines of the head.

        Raises: ValueError: they are too long, or do not arrive in time. The client gets 400.
        """
        connection_file: Any = self.rfile
        self.rfile = HeadReader(connection_file, MAX_HEAD_BYTES - len(raw_requestline))
        try:
            with gevent.Timeout(HEAD_SECONDS, ValueError("the head did not arrive in time")):
                return bool(super().read_request(raw_requestline))
        finally:
            self.rfile = connection_file

    def log_error(self, msg: str, *args: Any) -> None:
        """Log no detail of the request, because it may contain a token, and not the sender's address."""
        log.warning("live: a request could not be read")


# gevent has no types.
class Server(WSGIServer):  # type: ignore[misc]
    handler_class = Handler

    def handle(self, sock: Any, address: Any) -> None:
        sock.settimeout(WRITE_TIMEOUT_SECONDS)
        super().handle(sock, address)
