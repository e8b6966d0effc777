"""A process that the supervisor keeps alive, and the probe that checks its readiness."""

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
    """A process that the supervisor restarts, in a separate session so that its whole group can be ended."""

    def __init__(self, plan: Mapping[str, Any], descriptors: tuple[int, ...]):
        self.name: str = plan["name"]
        self.argv: list[str] = plan["argv"]
        self.probe: list[Any] | None = plan.get("probe")
        self.descriptors = descriptors
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.ready = False
        self.rest_seconds = MIN_REST_SECONDS
        self.start_at = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(self.argv, start_new_session=True, pass_fds=self.descriptors)
        self.started = time.monotonic()

    def check_ready(self) -> bool:
        if not self.ready:
            self.ready = self.probe is None or is_answering(*self.probe)
        return self.ready

    def exit_status(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def plan_restart(self) -> None:
        """Plan an immediate restart after a steady run; double the rest after a short one."""
        is_steady = time.monotonic() - self.started > STEADY_SECONDS
        self.rest_seconds = MIN_REST_SECONDS if is_steady else min(self.rest_seconds * 2, MAX_REST_SECONDS)
        self.start_at = time.monotonic() + self.rest_seconds
        self.process = None

    def signal(self, number: int) -> None:
        if self.process is not None:
            # A process group can outlive its first process, so the signal goes to the whole group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def is_gone(self) -> bool:
        if self.process is None:
            return True
        if self.process.poll() is None:
            return False
        # As process 1 of a container the supervisor inherits orphaned processes and must reap them.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-self.process.pid, os.WNOHANG)
        try:
            os.killpg(self.process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return True
        return False


def is_answering(host: str, port: int, path: str) -> bool:
    """Return whether the address answers an HTTP request.

    A connection alone proves nothing: granian's first process listens shortly before any worker does.
    """
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(PROBE.format(path=path).encode())
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False
