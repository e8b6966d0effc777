"""The server on PostgreSQL: several web processes, and a separate worker."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest

from tests.long_cases import cases
from tests.postgres import Postgres
from widget_server.backup import postgresql
from widget_server.cli import REFUSED
from widget_server.migrations import run as migrations

from .server import Server, call, wait_until
from .test_signals import CLEAN

pytestmark = [pytest.mark.server, pytest.mark.postgresql]
Servers = Callable[..., Server]


@pytest.fixture
def url(postgres: Postgres, tmp_path: Path) -> Iterator[str]:
    name = f"serve_{tmp_path.name}".lower()
    yield postgres.create(name)
    postgres.drop(name)


def test_it_migrates_serves_and_stops(servers: Servers, url: str) -> None:
    with_password = url.replace("//tilfreds@", "//tilfreds:hunter22@")
    server = servers(database_url=with_password, web_workers=2).started()
    assert migrations.current_revision(url) == migrations.newest_revision()
    assert server.get("/health/ready") == 200
    assert server.status_of(server.port + 1, "/live/health") == 200
    assert len(server.of("web.py")) == 3
    assert len(server.of("cli worker")) == 1
    assert server.stop(signal.SIGTERM) == 0
    assert_ended_cleanly(server, url)
    server_output = server.output()
    assert f"Tilfreds {version('tilfreds')}\n" in server_output
    assert f"Database  {url.partition('?')[0]}\n" in server_output
    assert "Traceback" not in server_output and "hunter22" not in server_output


def test_nothing_outlives_a_killed_supervisor(servers: Servers, url: str) -> None:
    server = servers(database_url=url).started()
    server.stop(signal.SIGKILL)
    assert wait_until(server.is_gone), server.family()


#: As in test_signals.py, what can be seen of a start; and a time after it at which the signal comes. One that serves is
#: stopped above.
PHASES: dict[str, tuple[Callable[[Server, str], object], float]] = {
    "called": (lambda server, url: True, 0.3),
    "migrating": (lambda server, url: is_migrating(url) or migrations.current_revision(url), 0),
    "web started": (lambda server, url: server.of("web.py"), 0.15),
    "worker started": (lambda server, url: server.of("cli worker"), 0.3),
}


def is_migrating(url: str) -> bool:
    with psycopg.connect(postgresql.conninfo(url)) as connection:
        return connection.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").fetchone() is not None


def connections(url: str) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(postgresql.conninfo(url)) as connection:
        (count,) = connection.execute(query).fetchone() or (0,)
    return int(count)


def assert_ended_cleanly(server: Server, url: str) -> None:
    """Check that no process is left or had to be killed, and no connection is open."""
    assert wait_until(server.is_gone), server.family()
    assert "was killed" not in server.output()
    assert wait_until(lambda: connections(url) == 0)


@pytest.mark.parametrize("phase", cases(PHASES, short=["called", "migrating", "worker started"]))
def test_a_signal_at_any_moment_ends_everything(servers: Servers, url: str, phase: str) -> None:
    """Check that every process and connection ends, and the schema is this version's or none."""
    has_come, delay = PHASES[phase]
    number = signal.SIGINT if list(PHASES).index(phase) % 2 else signal.SIGTERM
    server = servers(database_url=url).start()
    assert wait_until(lambda: has_come(server, url))
    time.sleep(delay)
    assert server.stop(number) in CLEAN, server.output()
    assert_ended_cleanly(server, url)
    assert migrations.current_revision(url) in (None, migrations.newest_revision())


def test_an_unreachable_database_is_reported_in_a_sentence(tmp_path: Path) -> None:
    url = f"postgresql://tilfreds:hunter22@/none?host={tmp_path}"
    result = call(tmp_path, "serve", database_url=url)
    assert result.returncode == REFUSED
    assert "cannot be reached" in result.stderr
    assert "Traceback" not in result.stderr and "hunter22" not in result.stderr
