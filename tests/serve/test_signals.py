"""A server stops cleanly at any moment of its life."""

from __future__ import annotations

import http.client
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from itertools import cycle, product

import pytest

from tests.lengths import cases
from widget_server.migrations import run as migrations

from .server import Server, run, wait_until

pytestmark = pytest.mark.server
Servers = Callable[..., Server]

#: What can be seen of a start, in order; each moment is some time after one of them, however fast the machine is.
PHASES: dict[str, Callable[[Server], object]] = {
    "called": lambda server: True,
    "locked": lambda server: (server.folder / "tilfreds.sqlite3-lock").exists(),
    "migrating": lambda server: (server.folder / "tilfreds.sqlite3").exists(),
    "supervised": lambda server: server.of("supervise.py"),
    "web started": lambda server: server.of("web.py"),
    "worker forked": lambda server: len(server.of("web.py")) == 2,
    "serving": lambda server: "Live  " in server.output(),
}
DELAYS = (0, 0.04, 0.15, 0.5)
#: Each phase once, and each delay, so that both signals come.
SHORT = list(zip(PHASES, cycle(DELAYS), strict=False))
CLEAN = {0, -signal.SIGTERM, -signal.SIGINT}


def assert_whole(server: Server) -> None:
    """The database has this version's schema or none, and is sound."""
    path = server.folder / "tilfreds.sqlite3"
    if path.exists():
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert migrations.current(f"sqlite:///{path}") in (None, migrations.head())


@pytest.mark.parametrize(("phase", "delay"), cases(product(PHASES, DELAYS), short=SHORT))
def test_a_signal_at_any_moment_ends_everything(servers: Servers, phase: str, delay: float) -> None:
    number = signal.SIGINT if DELAYS.index(delay) % 2 else signal.SIGTERM
    server = servers().start()
    assert wait_until(lambda: PHASES[phase](server))
    time.sleep(delay)
    # Python itself gives up with 1 when it is interrupted before it has read the first line of a program.
    early = {1} if phase == "called" and number == signal.SIGINT else set()
    status = server.stop(number, seconds=15)
    assert status in CLEAN | early, server.output()
    assert wait_until(server.is_gone, 3), server.family()
    assert "was ended" not in server.output()
    assert_whole(server)


@pytest.mark.parametrize("delay", cases([0, 0.02, 0.05], short=[0.02]))
def test_an_interrupted_first_start_is_made_good_by_the_next(servers: Servers, delay: float) -> None:
    first = servers().start()
    wait_until(lambda: (first.folder / "tilfreds.sqlite3").exists())
    time.sleep(delay)
    first.stop(signal.SIGKILL)
    second = servers().started()
    assert migrations.current(f"sqlite:///{second.folder / 'tilfreds.sqlite3'}") == migrations.head()
    assert second.stop() == 0


def test_a_signal_while_the_migration_waits_for_the_database(servers: Servers) -> None:
    server = servers()
    path = server.folder / "tilfreds.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        server.start()
        assert wait_until(lambda: (server.folder / "secret").exists())
        time.sleep(0.5)
        started = time.monotonic()
        assert server.stop() in CLEAN
        assert time.monotonic() - started < 2
    assert wait_until(server.is_gone, 3)


def test_a_running_request_is_finished(servers: Servers) -> None:
    """A request that waits for the database when the signal comes gets its answer, and what it wrote is kept."""
    server = servers().started()
    link = run(server.folder, "owner", "link", port=server.port).stdout.strip()
    path = server.folder / "tilfreds.sqlite3"
    answers: list[int] = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=15)

    def press() -> None:
        connection.request("POST", link.removeprefix(server.url))
        answers.append(connection.getresponse().status)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        pressed = threading.Thread(target=press)
        pressed.start()
        time.sleep(0.7)
        server.send(signal.SIGTERM)
        time.sleep(0.7)
        assert not server.has_ended() and not answers
        other.execute("ROLLBACK")
        pressed.join(15)
        assert answers == [303]
    connection.close()
    assert server.wait() == 0, server.output()
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("SELECT count(*) FROM login_session").fetchone() == (1,)


def test_nothing_is_said_but_the_greeting(servers: Servers) -> None:
    server = servers().started()
    assert server.stop(signal.SIGINT) == 0
    said = server.output()
    assert "Traceback" not in said and "rror" not in said, said
    greeting = [line for line in said.splitlines() if " INFO tilfreds." not in line]
    assert greeting[:4] == [
        f"Tilfreds {version('tilfreds')}",
        f"Database  sqlite:///{server.folder / 'tilfreds.sqlite3'}",
        f"Web       {server.url}",
        f"Live      http://127.0.0.1:{server.port + 1}",
    ]
