"""One process that the supervisor keeps alive, and the question whether it answers yet."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Mapping
from typing import Any

PROBE = "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
MIN_REST_SECONDS, MAX_REST_SECONDS = 0.2, 30.0
STEADY_SECONDS = 60


class Child:
    """One process that is kept alive, in a session of its own so that a whole group can be ended."""

    def __init__(self, plan: Mapping[str, Any], keep: tuple[int, ...]):
        self.name: str = plan["name"]
        self.argv: list[str] = plan["argv"]
        self.probe: list[Any] | None = plan.get("probe")
        self.keep = keep
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.ready = False
        self.rest = MIN_REST_SECONDS
        self.start_at = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(self.argv, start_new_session=True, pass_fds=self.keep)
        self.started = time.monotonic()

    def look_ready(self) -> bool:
        if not self.ready:
            self.ready = self.probe is None or answers(*self.probe)
        return self.ready

    def ended(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def plan_restart(self) -> None:
        """Start again at once after a steady life, and ever later after a short one."""
        steady = time.monotonic() - self.started > STEADY_SECONDS
        self.rest = MIN_REST_SECONDS if steady else min(self.rest * 2, MAX_REST_SECONDS)
        self.start_at = time.monotonic() + self.rest
        self.process = None

    def signal(self, number: int) -> None:
        if self.process is not None:
            # The group outlives its first process: what that one started must end too.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def is_gone(self) -> bool:
        if self.process is None:
            return True
        if self.process.poll() is None:
            return False
        # As the first process of a container this one inherits what its children leave behind.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-self.process.pid, os.WNOHANG)
        try:
            os.killpg(self.process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return True
        return False


def answers(host: str, port: int, path: str) -> bool:
    """Whether a whole request is answered: granian's first process listens for a moment before any worker does."""
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(PROBE.format(path=path).encode())
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False
