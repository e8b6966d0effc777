"""Takes a request in whole before any work on it begins, and lets go of who never sends the rest.

A body that trickles in holds a thread, which the server starts when it needs one more (`WEB_THREADS` at most), and
nothing else: no connection to the database and no lock. What the server has no time limit for itself is ended here, by
closing the side of the connection on which nothing arrives.
"""

import contextlib
import io
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from werkzeug.exceptions import ClientDisconnected, RequestTimeout

from ..core.config import Config
from ..ratings.images import MAX_BYTES as MAX_SCREENSHOT_BYTES

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
#: How long the rest of a request may take.
BODY_SECONDS = 10.0
#: A screenshot is the one large thing that visitors send; on their lines it may take longer, by its bytes in a second.
SLOWEST_SCREENSHOT = 64 * 1024
#: How long a connection may say nothing between two requests; longer than what nginx keeps one that it does not use.
IDLE_SECONDS = 75.0
LOOK_SECONDS = 1.0
TOO_SLOW = "The rest of the request did not come in time. Send it again."
OPEN_FILES = Path("/proc/self/fd")
#: Where Linux's `struct tcp_info` says how many milliseconds ago something was sent.
LAST_SENT = struct.Struct("44xI")


class FailingBody(io.RawIOBase):
    """A body of which a part is missing: whoever reads it learns why."""

    def __init__(self, why: Exception) -> None:
        self.why = why

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise self.why


class RequestBuffer:
    """The same application, which is handed whole bodies only."""

    def __init__(self, app: Wsgi, most: int) -> None:
        self.app = app
        self.most = most
        #: Until when each thread waits for a body.
        self.waiting: dict[int, float] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        # What is larger than anything taken here is refused for what it says of itself, and left unread.
        if 0 < length <= self.most or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = self.body(environ["wsgi.input"], length, more_seconds(environ, length))
        return self.app(environ, start_response)

    def body(self, stream: Any, length: int, more_seconds: float = 0.0) -> Any:
        latest = self.waiting[threading.get_ident()] = time.monotonic() + BODY_SECONDS + more_seconds
        try:
            data: bytes = stream.read(length or self.most + 1)
        finally:
            del self.waiting[threading.get_ident()]
        if time.monotonic() >= latest:
            return FailingBody(RequestTimeout(TOO_SLOW))
        # The server tells of a cut by an early end, and of nothing more.
        return FailingBody(ClientDisconnected()) if len(data) < length else io.BytesIO(data)

    def has_overdue(self) -> bool:
        now = time.monotonic()
        return any(latest < now for latest in list(self.waiting.values()))


def more_seconds(environ: dict[str, Any], length: int) -> float:
    """How much longer than others the rest of this request may take."""
    is_screenshot = environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].endswith("/screenshot")
    return length / SLOWEST_SCREENSHOT if is_screenshot else 0.0


class ConnectionWatch(threading.Thread):
    """Ends connections on which nothing was answered for too long: idle ones, and soon those whose body is overdue."""

    def __init__(self, buffer: RequestBuffer, port: int) -> None:
        super().__init__(name="intake", daemon=True)
        self.buffer = buffer
        self.port = port

    def run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self.end_silent(BODY_SECONDS if self.buffer.has_overdue() else IDLE_SECONDS)

    def end_silent(self, seconds: float) -> None:
        for connection in visitors(self.port):
            with connection, contextlib.suppress(OSError):
                if silent_seconds(connection) >= seconds:
                    # The server reads an end and may still answer.
                    connection.shutdown(socket.SHUT_RD)


def visitors(port: int) -> Iterator[socket.socket]:
    """The connections that this process accepted on `port`, each as a copy of our own that must be closed."""
    for file in list(OPEN_FILES.iterdir()):
        with contextlib.suppress(OSError):
            if not file.is_socket():
                continue
            # Of the copy nobody can make another connection while we look at it.
            copy = socket.socket(fileno=os.dup(int(file.name)))
            if is_visitor(copy, port):
                yield copy
            else:
                copy.close()


def is_visitor(connection: socket.socket, port: int) -> bool:
    try:
        has_port = connection.family in (socket.AF_INET, socket.AF_INET6)
        return has_port and connection.getsockname()[1] == port and bool(connection.getpeername())
    except OSError:
        # It listens, or is no longer connected.
        return False


def silent_seconds(connection: socket.socket) -> float:
    """Seconds since something was answered, or since the connection was made."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_SENT.size)
    return float(LAST_SENT.unpack(told)[0]) / 1000


def whole(app: Wsgi, config: Config) -> Wsgi:
    """The application behind an intake, and its watch where the system can say how silent a connection is."""
    buffer = RequestBuffer(app, max(config.max_body_bytes, config.max_api_body_bytes, MAX_SCREENSHOT_BYTES))
    if OPEN_FILES.is_dir() and hasattr(socket, "TCP_INFO"):
        ConnectionWatch(buffer, config.port).start()
    return buffer
