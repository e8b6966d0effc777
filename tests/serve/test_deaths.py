"""Processes that die: the dead are replaced, and nobody outlives the supervisor."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.lengths import cases

from .server import Server, answers, wait_until

pytestmark = pytest.mark.server
Servers = Callable[..., Server]


@pytest.mark.parametrize("part", ["live.py", "web.py"])
def test_a_dead_process_comes_back(servers: Servers, part: str) -> None:
    server = servers().started()
    port = server.port + (part == "live.py")
    before = server.of(part)
    os.kill(before[0], signal.SIGKILL)
    assert wait_until(lambda: server.of(part) and not set(server.of(part)) & set(before))
    assert wait_until(lambda: answers(port))
    assert server.get() < 500
    assert server.stop() == 0


def test_a_dead_worker_of_the_web_server_comes_back(servers: Servers) -> None:
    server = servers().started()
    worker = server.of("web.py")[-1]
    os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: worker not in server.family())
    assert wait_until(lambda: answers(server.port))
    assert server.get() < 500
    assert server.stop() == 0


def test_a_visitor_on_a_slow_line_holds_up_nobody(servers: Servers) -> None:
    """A body that trickles in takes a thread; at the default there are others."""
    server = servers().started()
    with ExitStack() as stack:
        for _ in range(2):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            slow.sendall(b"POST /w/x/votes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        time.sleep(0.3)
        assert server.get() == 200
    assert server.stop() == 0


@pytest.mark.parametrize("moment", cases([None, 0.02, 0.3, 0.6], short=[None, 0.3]))
def test_nothing_outlives_a_killed_supervisor(servers: Servers, moment: float | None) -> None:
    """Killed while it serves, and soon after it began to start the others."""
    server = servers()
    if moment is None:
        server.started()
    else:
        server.start()
        assert wait_until(lambda: server.of("live.py"))
        time.sleep(moment)
    server.stop(signal.SIGKILL)
    assert wait_until(lambda: not answers(server.port) and not answers(server.port + 1), 3)
    assert wait_until(server.is_gone, 10), server.family()


def test_a_killed_server_can_be_started_again_at_once(servers: Servers) -> None:
    first = servers().started()
    first.stop(signal.SIGKILL)
    assert wait_until(first.is_gone, 3)
    second = servers(port=first.port).started()
    assert second.get() < 500
    assert second.stop() == 0
