"""The web server of a chat written by others: its files as they were published, and routes that a test makes."""

from __future__ import annotations

import json
import mimetypes
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.skip import skip_missing

from .websocket import WebSocket, accept_of

MODULES = Path(__file__).parents[2] / "hosts" / "node_modules"
Answer = dict[str, Any] | bytes | None


def package(name: str) -> Path:
    """Return the folder of a chat's package."""
    folder = MODULES / name
    return (
        folder
        if folder.is_dir()
        else skip_missing("Chats made by others are not there: `node tests/hosts/install.mjs`.")
    )


def _kind(path: str, content: bytes) -> str:
    return "image/svg+xml" if content.startswith(b"<svg") else mimetypes.guess_type(path)[0] or "text/html"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            return self._upgrade()
        return self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(json.loads(body) if body else {})

    do_PUT = do_DELETE = do_POST

    def do_OPTIONS(self) -> None:
        self._send(204, b"", "text/plain")

    def _answer(self, body: dict[str, Any]) -> None:
        path = self.path.partition("?")[0]
        answer = self.server.host.answer(self.command, self.path, body)
        if isinstance(answer, dict):
            self._send(200, json.dumps(answer).encode(), "application/json")
        elif answer is not None:
            self._send(200, answer, _kind(path, answer))
        else:
            self._send(404, b"", "text/plain")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Headers", "*"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _upgrade(self) -> None:
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade")):
            self.send_header(name, value)
        self.send_header("Sec-WebSocket-Accept", accept_of(self.headers))
        self.end_headers()
        self.close_connection = True
        try:
            self.server.host.connected(WebSocket(self.rfile, self.wfile))  # type: ignore[arg-type]
        except OSError:
            """The page is gone."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: what a page asks for is the business of the test."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    host: Host


class Host:
    """A chat's back end at `url`. Files come from `files`, by the beginning of their path."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.files = files
        self.server = _Server(("127.0.0.1", 0), Handler)
        self.server.host = self
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """Return a JSON response, a file's bytes, or None for an unknown path."""
        for beginning, folder in self.files.items():
            file = folder / path.partition("?")[0].removeprefix(beginning)
            if path.startswith(beginning) and file.is_file():
                return file.read_bytes()
        return None

    def connected(self, socket: WebSocket) -> None:
        """Handle a WebSocket that a page opened."""

    def end(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
