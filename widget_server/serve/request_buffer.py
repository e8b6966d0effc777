"""Receives a whole request before the application works on it, and disconnects clients that never send the rest.

A slow body occupies only a thread, which the server starts when it needs one more (`WEB_THREADS` at most): no database
connection and no lock. The server has no time limit for some of these connections, so this module ends them by closing
the receiving side.
"""

import contextlib
import io
import os
import socket
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import ClientDisconnected, RequestTimeout

from ..core.config import Config
from ..ratings.images import MAX_BYTES as MAX_SCREENSHOT_BYTES

#: How long the rest of a request may take.
BODY_SECONDS = 10.0
#: Screenshots are the only large bodies that visitors send, so they get extra time at this rate.
MIN_SCREENSHOT_BYTES_PER_SECOND = 64 * 1024
#: How long a connection may be idle between two requests; longer than nginx keeps an unused upstream connection.
IDLE_SECONDS = 75.0
LOOK_SECONDS = 1.0
TOO_SLOW = "The request body did not arrive in time. Send it again."
OPEN_FILES = Path("/proc/self/fd")
#: The field of Linux's `struct tcp_info` with the milliseconds since data was last sent.
LAST_SENT = struct.Struct("44xI")


class FailingBody(io.RawIOBase):
    """An incomplete body, which raises an error when it is read."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise self.error


class RequestBuffer:
    """A WSGI middleware that passes only complete bodies to the application."""

    def __init__(self, app: WSGIApplication, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes
        #: The deadline of each thread that waits for a body, by its id.
        self.deadlines: dict[int, float] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        # The application rejects a larger body by its declared length, without reading it.
        if 0 < length <= self.max_bytes or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = self.read_body(environ["wsgi.input"], length, extra_seconds(environ, length))
        return self.app(environ, start_response)

    def read_body(self, stream: Any, length: int, extra_seconds: float = 0.0) -> Any:
        """Return the complete body as a stream, or a FailingBody if it is late or cut."""
        deadline = self.deadlines[threading.get_ident()] = time.monotonic() + BODY_SECONDS + extra_seconds
        try:
            data: bytes = stream.read(length or self.max_bytes + 1)
        finally:
            del self.deadlines[threading.get_ident()]
        if time.monotonic() >= deadline:
            return FailingBody(RequestTimeout(TOO_SLOW))
        # The server reports a cut connection only by an early end of the stream.
        return FailingBody(ClientDisconnected()) if len(data) < length else io.BytesIO(data)

    def has_overdue(self) -> bool:
        now = time.monotonic()
        return any(deadline < now for deadline in list(self.deadlines.values()))


def extra_seconds(environ: dict[str, Any], length: int) -> float:
    """Return the seconds that this request may take beyond BODY_SECONDS."""
    is_screenshot = environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].endswith("/screenshot")
    return length / MIN_SCREENSHOT_BYTES_PER_SECOND if is_screenshot else 0.0


class ConnectionWatch(threading.Thread):
    """A thread that ends idle connections, and sooner those whose body is overdue."""

    def __init__(self, buffer: RequestBuffer, port: int) -> None:
        super().__init__(name="intake", daemon=True)
        self.buffer = buffer
        self.port = port

    def run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self.end_silent(BODY_SECONDS if self.buffer.has_overdue() else IDLE_SECONDS)

    def end_silent(self, seconds: float) -> None:
        for connection in open_connections(self.port):
            with connection, contextlib.suppress(OSError):
                if silent_seconds(connection) >= seconds:
                    # The server reads an end of the stream and can still answer.
                    connection.shutdown(socket.SHUT_RD)


def open_connections(port: int) -> Iterator[socket.socket]:
    """Yield a duplicate of each connection that this process accepted on `port`. The caller closes it."""
    for file in list(OPEN_FILES.iterdir()):
        with contextlib.suppress(OSError):
            if not file.is_socket():
                continue
            # The server could reuse the number for another connection meanwhile, but not the duplicate's.
            duplicate = socket.socket(fileno=os.dup(int(file.name)))
            if is_accepted(duplicate, port):
                yield duplicate
            else:
                duplicate.close()


def is_accepted(connection: socket.socket, port: int) -> bool:
    try:
        has_port = connection.family in (socket.AF_INET, socket.AF_INET6)
        return has_port and connection.getsockname()[1] == port and bool(connection.getpeername())
    except OSError:
        # It listens, or is no longer connected.
        return False


def silent_seconds(connection: socket.socket) -> float:
    """Return the seconds since the server last sent data, or since the connection was opened."""
    tcp_info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_SENT.size)
    return float(LAST_SENT.unpack(tcp_info)[0]) / 1000


def buffer_requests(app: WSGIApplication, config: Config) -> WSGIApplication:
    """Wrap the application in a RequestBuffer, and start a ConnectionWatch where the system has TCP_INFO."""
    buffer = RequestBuffer(app, max(config.max_body_bytes, config.max_api_body_bytes, MAX_SCREENSHOT_BYTES))
    if OPEN_FILES.is_dir() and hasattr(socket, "TCP_INFO"):
        ConnectionWatch(buffer, config.port).start()
    return buffer
