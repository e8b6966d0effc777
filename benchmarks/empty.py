"""The yardstick: an empty POST route of the same framework, on the same server with the same settings."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

from flask import Flask, request
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tests.serve.server import free_port
from widget_server.core.config import Config


def make_app() -> Flask:
    app = Flask("empty", static_folder=None)

    @app.post("/w/key/votes")
    def votes() -> dict[str, str]:
        request.get_data()
        return {}

    @app.get("/")
    def ready() -> str:
        return ""

    return app


@contextlib.contextmanager
def running(workers: int = 1) -> Iterator[str]:
    """Run the empty route and yield its address."""
    port = free_port(1)
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.empty", str(port), str(workers)])
    try:
        _wait_until_ready(port)
        yield f"http://127.0.0.1:{port}/w/key/votes"
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
            return
        time.sleep(0.05)
    raise SystemExit("the empty route did not start")


def main(port: str, workers: str) -> None:
    Granian(
        "benchmarks.empty:make_app",
        factory=True,
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(workers),
        blocking_threads=Config().web_threads,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
