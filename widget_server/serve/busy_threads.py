"""Notice that every thread of a web process is stuck."""

import threading
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

#: A request waits for a lock of the database at most about so long.
STUCK_SECONDS = 5.0


class BusyThreads:
    """A WSGI middleware that knows since when each thread works on its request."""

    def __init__(self, app: WSGIApplication, thread_count: int) -> None:
        self.app = app
        self.thread_count = thread_count
        #: Keyed by thread, because one thread writes each entry, so no lock is needed.
        self.started_at: dict[int, float] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        thread_id = threading.get_ident()
        self.started_at[thread_id] = time.monotonic()
        try:
            return self.app(environ, start_response)
        finally:
            del self.started_at[thread_id]

    def are_answering(self) -> bool:
        """Return whether a thread is free, or began its request a short time ago."""
        started_at = list(self.started_at.values())
        return len(started_at) < self.thread_count or time.monotonic() - max(started_at) < STUCK_SECONDS
