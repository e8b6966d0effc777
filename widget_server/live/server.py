"""The server of the streams: gevent's, with many connections and a time limit for clients that stop reading."""

from __future__ import annotations

import logging
import resource
from typing import Any

from gevent.pywsgi import WSGIHandler, WSGIServer

log = logging.getLogger("tilfreds.live")

#: Each stream is an open file; the database's connections and rejected requests need more.
MAX_OPEN_FILES = 8192
#: The time limit of a write to a client that reads nothing. It also ends connections whose client disappeared.
WRITE_TIMEOUT_SECONDS = 30.0


def allow_files() -> None:
    """Raise this process's limit of open files, which starts at a few hundred on most systems."""
    soft_limit, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    file_limit = MAX_OPEN_FILES if hard_limit == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard_limit)
    if file_limit > soft_limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (file_limit, hard_limit))
    if file_limit < MAX_OPEN_FILES:
        log.warning("live: the system allows %s open files, so about as many streams", file_limit)


class Handler(WSGIHandler):  # type: ignore[misc]
    #: A client that disappears is not an error of the server, so gevent should not log a traceback.
    ignored_socket_errors = (*WSGIHandler.ignored_socket_errors, "timed out")

    def log_error(self, msg: str, *args: Any) -> None:
        """Log no detail of the request, because it may contain a token, and not the sender's address."""
        log.warning("live: a request could not be read")


# gevent has no types.
class Server(WSGIServer):  # type: ignore[misc]
    handler_class = Handler

    def handle(self, sock: Any, address: Any) -> None:
        sock.settimeout(WRITE_TIMEOUT_SECONDS)
        super().handle(sock, address)
