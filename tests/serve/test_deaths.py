"""Processes that die are replaced, and none outlives the supervisor."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version

import pytest

from tests.long_cases import cases

from .server import Server, answers, call, wait_until

pytestmark = pytest.mark.server
Servers = Callable[..., Server]


@pytest.mark.parametrize("part", ["live.py", "web.py"])
def test_a_dead_process_comes_back(shared_server: Server, part: str) -> None:
    server = shared_server
    port = server.port + (part == "live.py")
    before = server.of(part)
    os.kill(before[0], signal.SIGKILL)
    assert wait_until(lambda: server.of(part) and not set(server.of(part)) & set(before))
    assert wait_until(lambda: answers(port))
    assert server.get() < 500


def test_a_dead_worker_of_the_web_server_comes_back(shared_server: Server) -> None:
    worker = shared_server.of("web.py")[-1]
    os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: worker not in shared_server.family())
    assert wait_until(lambda: answers(shared_server.port))
    assert shared_server.get() < 500


def test_a_visitor_on_a_slow_line_does_not_block_others(shared_server: Server) -> None:
    """Check that a slow body takes one thread and the default settings leave others."""
    with ExitStack() as stack:
        for _ in range(2):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", shared_server.port)))
            slow.sendall(b"POST /w/x/votes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        # Nothing shows when a thread has started on each of them.
        time.sleep(0.3)
        assert shared_server.get() == 200


@pytest.mark.parametrize("moment", cases([0.02, 0.3, 0.6], short=[0.3]))
def test_nothing_outlives_a_supervisor_that_is_killed_early(servers: Servers, moment: float) -> None:
    """Kill it shortly after it began to start the others."""
    server = servers().start()
    assert wait_until(lambda: server.of("live.py"))
    time.sleep(moment)
    server.stop(signal.SIGKILL)
    assert wait_until(lambda: not answers(server.port) and not answers(server.port + 1))
    assert wait_until(server.is_gone), server.family()


def test_a_killed_server_leaves_nothing_and_can_be_started_again_at_once(servers: Servers) -> None:
    first = servers().started()
    first.stop(signal.SIGKILL)
    assert wait_until(lambda: not answers(first.port) and not answers(first.port + 1))
    assert wait_until(first.is_gone), first.family()
    assert_said_its_greeting_alone(first)
    # Without a user and a site, each start leads to the set-up page.
    assert f"Set up    {first.url}/console/set-up#tfu_" in first.output()
    second = servers(port=first.port).started()
    assert second.get() < 500
    assert second.stop(signal.SIGINT) == 0
    assert_said_its_greeting_alone(second)
    assert call(second.folder, "site", "create", "Shop").returncode == 0, "the database is free again"


def assert_said_its_greeting_alone(server: Server) -> None:
    server_output = server.output()
    assert "Traceback" not in server_output and "rror" not in server_output, server_output
    greeting = [line for line in server_output.splitlines() if " INFO tilfreds." not in line]
    assert greeting[:4] == [
        f"Tilfreds {version('tilfreds')}",
        f"Database  sqlite:///{server.folder / 'tilfreds.sqlite3'}",
        f"Web       {server.url}",
        f"Live      http://127.0.0.1:{server.port + 1}",
    ]


def test_a_head_longer_than_32_kb_is_refused(shared_server: Server) -> None:
    for size, allowed in ((20_000, True), (40_000, False)):
        status = shared_server.status_of(shared_server.port, "/health/live", {"X-Long": "x" * size})
        assert status == 200 if allowed else 400 <= status < 500


@pytest.mark.long
@pytest.mark.parametrize("part", ["live.py", "web.py"])
def test_a_process_that_hangs_is_replaced(shared_server: Server, part: str) -> None:
    """Stop a process, so that it neither answers nor ends; the promise is 20 seconds."""
    hung = shared_server.of(part)[-1]
    os.kill(hung, signal.SIGSTOP)
    assert wait_until(lambda: hung not in shared_server.family(), 60)
    assert wait_until(lambda: answers(shared_server.port + (part == "live.py")))
    assert "did not answer for 20 seconds" in shared_server.output()
