"""A real `tilfreds serve` for a test: its folder, its ports, its processes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from widget_server.cli import main
from widget_server.migrations import run as migrations
from widget_server.serve import ports, start

#: Long, for a busy machine; a working server never takes this long.
PATIENCE_SECONDS = 120
#: Each worker uses only ports of its range, because a server binds its port a second after it was found free.
FIRST_PORT, PORTS_PER_WORKER, WORKERS = 20_000, 1_000, 10
SETTING_NAMES = ("DATABASE_URL", "HOST", "PORT", "LIVE_PORT", "PUBLIC_URL", "SECRET_KEYS", "DEBUG")
COMMAND = [sys.executable, "-P", "-m", "widget_server.cli"]


def free_port(count: int = 2) -> int:
    """Return the first of `count` consecutive free ports, from a random start within the ports of this worker."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    first = FIRST_PORT + worker * PORTS_PER_WORKER
    return ports.find_free_ports("127.0.0.1", random.randrange(first, first + PORTS_PER_WORKER - count), count)


def clean_environ(folder: Path, **settings: object) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in SETTING_NAMES}
    settings_environ = {name.upper(): str(value) for name, value in settings.items()}
    # The browsers of the tests are headless, and their views would otherwise not count.
    return {**inherited, "COUNT_HEADLESS": "true", "DATA_DIR": str(folder), **settings_environ}


def answers(port: int) -> bool:
    try:
        return Server.status_of(port, "/") > 0
    except OSError:
        return False


def listens(port: int) -> bool:
    with socket.socket() as trial:
        trial.settimeout(1)
        return trial.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> bool:
    """Return whether `condition` became true within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


class Server:
    """A `tilfreds serve`, or another long-running command, in `folder`."""

    def __init__(self, folder: Path, *arguments: str, **settings: object) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = int(str(settings.pop("port", 0))) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = clean_environ(folder, port=self.port, **settings)
        self.log = folder / "output.txt"
        self.command = COMMAND
        self.arguments = arguments or ("serve",)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [*self.command, *self.arguments],
                cwd=self.folder,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self

    def started(self) -> Server:
        self.start()
        ready = wait_until(lambda: "Live  " in self.output() or self.has_ended())
        assert ready and not self.has_ended(), self.output()
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, seconds: float = PATIENCE_SECONDS) -> int:
        """Send the signal, wait for the end, return the status."""
        self.send(number)
        return self.wait(seconds)

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def get(self, path: str = "/health/live") -> int:
        """Return the status of one request to the web server."""
        return self.status_of(self.port, path)

    @staticmethod
    def status_of(port: int, path: str, headers: Mapping[str, str] | None = None) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def family(self) -> dict[int, str]:
        """Return every living process of this folder, as commands by process id."""
        # The demo's data is in a subfolder.
        data_dirs = {f"DATA_DIR={folder}".encode() for folder in (self.folder, self.folder / "demo")}
        processes = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if data_dirs & set((entry / "environ").read_bytes().split(b"\0")):
                    processes[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return processes

    def of(self, part: str) -> list[int]:
        """Return the ids of the processes whose command contains `part`, oldest first."""
        return sorted(pid for pid, command in self.family().items() if part in command)

    def is_gone(self) -> bool:
        return not self.family() and not listens(self.port) and not listens(self.port + 1)

    def end(self) -> None:
        """Kill all processes, whatever the test did."""
        for pid in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE_SECONDS)


def interrupt(server: Server, delay: float) -> None:
    """Kill a first start during its migration."""
    server.start()
    assert wait_until(lambda: (server.folder / "tilfreds.sqlite3").exists())
    time.sleep(delay)
    server.stop(signal.SIGKILL)


def assert_ended_cleanly(server: Server) -> None:
    """Check that no process is left or had to be killed; the database is intact with this version's schema, or none."""
    assert wait_until(server.is_gone), server.family()
    assert "was killed" not in server.output()
    path = server.folder / "tilfreds.sqlite3"
    if path.exists():
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert migrations.current_revision(f"sqlite:///{path}") in (None, migrations.newest_revision())


def call(folder: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run one command to its end in this process: a separate one takes a second of CPU to load the libraries."""
    return call_with(clean_environ(folder, **settings), *arguments)


def call_with(environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    # A server that starts by mistake would replace this process.
    not_refused = AssertionError("the server was about to start")
    with patch.object(start, "become_supervisor", side_effect=not_refused):
        runner = CliRunner(catch_exceptions=False)
        result = runner.invoke(main, arguments, env={**dict.fromkeys(SETTING_NAMES), **environ})
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def run(folder: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, as a process."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=clean_environ(folder, **settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
