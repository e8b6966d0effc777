"""Any signal to any process of a server under load: no acknowledged vote is lost, and it serves again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from itertools import product as pairs

import pytest

from tests.databases import sqlite_url
from tests.long_cases import cases
from tests.serve.server import answers, wait_until
from tests.serving import UNLIMITED, Product

from .readers import Readers, read_stored, reading

pytestmark = pytest.mark.server
#: What finds each process of a server with SQLite, whose jobs are a thread of the web worker.
PROCESSES: dict[str, Callable[[Product], int]] = {
    "supervisor": lambda server: server.pid,
    "web": lambda server: server.of("web.py")[0],
    "web worker": lambda server: server.of("web.py")[-1],
    "live": lambda server: server.of("live.py")[0],
}
SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGKILL")
SHORT = [("web", "SIGHUP"), ("web worker", "SIGKILL"), ("web worker", "SIGTERM"), ("supervisor", "SIGUSR1")]
#: The signals by which a supervisor stops in good order.
STOPS = ("SIGTERM", "SIGINT", "SIGHUP")


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    server = Product(tmp_path_factory.mktemp("signals") / "data", backup_keep_days=0, **UNLIMITED)
    yield server
    server.end()


@pytest.fixture
def server(module_server: Product) -> Product:
    """Run a server that may be left stopped."""
    if module_server.has_ended():
        module_server.started()
    return module_server


@pytest.mark.parametrize(("process", "name"), cases(pairs(PROCESSES, SIGNALS), short=SHORT))
def test_a_signal_under_load_loses_no_vote(server: Product, process: str, name: str) -> None:
    number = getattr(signal, name)
    with reading(server) as readers:
        assert wait_until(lambda: len(readers.acknowledged) > 3)
        os.kill(PROCESSES[process](server), number)
        if process == "supervisor":
            assert (server.wait() == 0) == (name in STOPS)
            assert wait_until(server.is_gone), server.family()
            server.started()
        assert wait_until(lambda: serves_again(server, readers), 60), server.output()
    assert set(readers.refused) <= {503}
    assert read_stored(sqlite_url(server.folder / "tilfreds.sqlite3"), readers.revision).holds(readers.acknowledged)


def serves_again(server: Product, readers: Readers) -> bool:
    """Return whether votes are acknowledged from now on, and streams can be opened."""
    before = len(readers.acknowledged)
    return wait_until(lambda: len(readers.acknowledged) > before + 8, 5) and answers(server.port + 1)
