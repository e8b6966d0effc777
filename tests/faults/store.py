"""A Redis for a test, which may be stopped, emptied and paused."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from pathlib import Path

from tests.serve.server import free_port, listens, wait_until
from tests.skip import skip_missing

INSTALL = "Redis is not installed: `apt-get install redis-server` on Debian, `brew install redis` on macOS."


class Store:
    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            skip_missing(INSTALL)
        self.port = free_port(1)
        self.url = f"redis://127.0.0.1:{self.port}"
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)]
        self.command = [program, *where, "--save", "", "--appendonly", "no"]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        assert wait_until(lambda: listens(self.port))

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def flush(self) -> None:
        assert self.ask("FLUSHALL") == "+OK"

    def counts(self) -> int:
        """Return the number of windows that it counts now."""
        return int(self.ask("DBSIZE").removeprefix(":"))

    def ask(self, command: str) -> str:
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(1000).decode().strip()

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
