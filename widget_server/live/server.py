"""The server that holds the streams: gevent's, with room for many and no patience for readers who stopped reading."""

from __future__ import annotations

import logging
import resource
from typing import Any

from gevent.pywsgi import WSGIHandler, WSGIServer

log = logging.getLogger("tilfreds.live")

#: Each stream is an open file; beside them there are the database's, and those who are turned away.
FILES = 8192
#: So long a reader may take no byte. One whose machine is gone without a word is let go by this as well.
STUCK_SECONDS = 30.0


def allow_files() -> None:
    """Systems start programs with room for few hundred files, and let them take more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < FILES:
        log.warning("live: the system allows %s open files, so about as many streams", wanted)


class Handler(WSGIHandler):  # type: ignore[misc]
    #: Somebody who went without a word is no fault of ours, and not worth a traceback.
    ignored_socket_errors = (*WSGIHandler.ignored_socket_errors, "timed out")

    def log_error(self, msg: str, *args: Any) -> None:
        """Without the words of the request and the address of who sent it: there may be a token among them."""
        log.warning("live: a request could not be read")


# gevent has no types.
class Server(WSGIServer):  # type: ignore[misc]
    handler_class = Handler

    def handle(self, sock: Any, address: Any) -> None:
        sock.settimeout(STUCK_SECONDS)
        super().handle(sock, address)
