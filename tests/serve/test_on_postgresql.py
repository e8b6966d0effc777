"""The same server on PostgreSQL: several web processes, and a worker of its own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres
from widget_server.cli import REFUSED
from widget_server.migrations import run as migrations

from .server import Server, run, wait_until

pytestmark = [pytest.mark.server, pytest.mark.postgresql]
Servers = Callable[..., Server]


@pytest.fixture
def url(postgres: Postgres, tmp_path: Path) -> Iterator[str]:
    name = f"serve_{tmp_path.name}".lower()
    yield postgres.create(name)
    postgres.drop(name)


def test_it_migrates_serves_and_stops(servers: Servers, url: str) -> None:
    server = servers(database_url=url, web_workers=2).started()
    assert migrations.current(url) == migrations.head()
    assert server.get("/health/ready") == 200
    assert server.status_of(server.port + 1, "/live/health") == 200
    assert len(server.of("web.py")) == 3
    assert len(server.of("cli worker")) == 1
    assert server.stop() == 0
    assert wait_until(server.is_gone, 3)
    assert "Traceback" not in server.output()


def test_nothing_outlives_a_killed_supervisor(servers: Servers, url: str) -> None:
    server = servers(database_url=url, web_workers=2).started()
    server.stop(signal.SIGKILL)
    assert wait_until(server.is_gone, 3), server.family()


def test_an_unreachable_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    url = f"postgresql://tilfreds:hunter22@/none?host={tmp_path}"
    done = run(tmp_path, "serve", database_url=url)
    assert done.returncode == REFUSED
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr and "hunter22" not in done.stderr
