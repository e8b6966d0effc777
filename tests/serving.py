"""Servers for tests, called over HTTP: `tilfreds serve` as processes, or an application of the test's process."""

from __future__ import annotations

import json as jsons
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from widget_server.core.config import Config

from .factories import Make
from .serve.server import Server, call_with, wait_until

PATIENCE_SECONDS = 20
#: Settings for tests that exceed the limits per minute; other tests cover the limits.
UNLIMITED: dict[str, Any] = {
    f"{name}_per_minute": 10**9 for name in ("votes_per_target", "votes_per_source", "ended_per_source")
}
#: Ends a server whose test was killed before it could end it.
GUARD = 'cat; kill -KILL "$1"'


class _Handler(WSGIRequestHandler):
    #: In seconds. A browser keeps idle connections open, and the end waits for every thread.
    timeout = 2


@contextmanager
def listening(app: WSGIApplication) -> Iterator[str]:
    """Serve an application of this process on a free port, with a thread for each connection; yield its address.

    All threads have ended at the end, because one that still closed its session would meet a closed engine. The server
    blocks instead of polling: twenty that polled every 10 ms used 3 % of a processor for the rest of a run.
    """
    server = ThreadedWSGIServer("127.0.0.1", 0, app, handler=_Handler)
    server.daemon_threads = False
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            server.handle_request()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        is_over.set()
        # An empty connection wakes the server.
        socket.create_connection(("127.0.0.1", server.server_port)).close()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Answer:
    """A response with the interface of Flask's test client."""

    status_code: int
    headers: Message
    data: bytes

    def get_data(self, as_text: bool = False) -> Any:
        return self.data.decode() if as_text else self.data

    def get_json(self) -> Any:
        return jsons.loads(self.data) if self.data else None


class HttpClient:
    """The part of Flask's test client that the factories use, over a real connection."""

    def __init__(self, url: str) -> None:
        self.url = url

    def open(self, path: str, *, method: str = "GET", json: Any = None, headers: Any = None) -> Answer:
        body = None if json is None else jsons.dumps(json).encode()
        content_headers = {"Content-Type": "application/json"} if body is not None else {}
        all_headers = {**content_headers, **(headers or {})}
        request = urllib.request.Request(f"{self.url}{path}", body, all_headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def get(self, path: str, **options: Any) -> Answer:
        return self.open(path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self.open(path, method="POST", **options)


@contextmanager
def running(folder: Path, **settings: object) -> Iterator[Product]:
    """Run a server for some tests. Its processes are ended even if it never started."""
    product = Product(folder, **settings)
    try:
        product.started()
        yield product
    finally:
        product.end()


class Product(Server):
    """A server with its address and factories. It can be killed and started again on the same data and port."""

    def __init__(self, folder: Path, **settings: object) -> None:
        super().__init__(folder, **settings)
        self.url = f"http://127.0.0.1:{self.port}"
        self.live_url = f"http://127.0.0.1:{self.port + 1}"
        self.client = HttpClient(self.url)
        self.guard: subprocess.Popen[bytes] | None = None

    @property
    def make(self) -> Make:
        return Make(self.client, Config(data_dir=self.folder).with_secrets().secret_keys)

    def start(self) -> Server:
        self.dismiss_guard()
        super().start()
        guard = ["sh", "-c", GUARD, "guard", str(self.pid)]
        self.guard = subprocess.Popen(guard, stdin=subprocess.PIPE, start_new_session=True)
        return self

    def dismiss_guard(self) -> None:
        if self.guard is not None:
            self.guard.kill()
            self.guard.communicate()
            self.guard = None

    def end(self) -> None:
        """End all processes. The guard ends first, as another process may soon have the id that it would kill."""
        self.dismiss_guard()
        super().end()

    def kill(self) -> None:
        """Kill all processes at once, as a power cut would."""
        self.end()
        assert wait_until(self.is_gone), self.family()

    def owner_link(self) -> str:
        """Return a link that signs in to the console, as `tilfreds owner link` prints it."""
        return call_with(self.environ, "owner", "link").stdout.strip()
