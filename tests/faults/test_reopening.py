"""A connection to SQLite that met a failing disk is closed, in every way a statement can reach it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, bindparam, event, insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from tests.databases import sqlite_url
from tests.storage.test_group_commit import commit_together
from widget_server import create_app
from widget_server.core.config import Config
from widget_server.storage import group_commit, sqlite
from widget_server.storage.engines import Engines, make_engines
from widget_server.storage.prepared import Prepared, PreparedQuery

KEPT = Table("kept", MetaData(), Column("name", Text, primary_key=True))
ADD = Prepared(insert(KEPT).values(name=bindparam("name")).inline())
FIND = PreparedQuery[object](select(KEPT.c.name).where(KEPT.c.name == bindparam("name")))
#: Far more than the remaining space of a file that must not grow.
LARGE = "x" * 200_000
Add = Callable[[Connection, str], object]


def plainly(connection: Connection, name: str) -> None:
    connection.execute(insert(KEPT), {"name": name})


def prepared(connection: Connection, name: str) -> None:
    ADD.run(connection, {"name": name})


BOTH_WAYS = pytest.mark.parametrize("add", [plainly, prepared])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tilfreds.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE kept (name TEXT PRIMARY KEY)")
        connection.execute("INSERT INTO kept VALUES ('first')")
        connection.commit()
    return path


@pytest.fixture
def engines(path: Path) -> Iterator[Engines]:
    new_engines = make_engines(sqlite_url(path), pool_size=1)
    yield new_engines
    new_engines.dispose()


@pytest.fixture
def opened(engines: Engines) -> list[object]:
    """Record each time that the file is opened from now on."""
    connections_seen: list[object] = []
    for engine in (engines.read, engines.write):
        event.listen(engine, "connect", lambda connection, record: connections_seen.append(record))
    return connections_seen


def fill(engines: Engines) -> None:
    """Let the file have no room from now on, for the one connection that writes."""
    with engines.write.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def names(engines: Engines) -> set[str]:
    with engines.read.connect() as connection:
        return set(connection.execute(select(KEPT.c.name)).scalars())


@BOTH_WAYS
def test_after_a_full_disk_the_file_is_reopened(engines: Engines, opened: list[object], add: Add) -> None:
    fill(engines)
    with pytest.raises(OperationalError, match="full") as refused, engines.write.begin() as connection:
        add(connection, LARGE)
    assert refused.value.connection_invalidated
    # The new connection does not have the limit of the old one.
    with engines.write.begin() as connection:
        add(connection, LARGE)
    assert names(engines) == {"first", LARGE}
    assert len(opened) == 3, "the writer's twice, the reader's once"


@BOTH_WAYS
def test_votes_continue_over_a_new_connection(engines: Engines, opened: list[object], add: Add) -> None:
    fill(engines)
    with pytest.raises(OperationalError, match="full"):
        group_commit.commit(engines.write, lambda connection: add(connection, LARGE))
    group_commit.commit(engines.write, lambda connection: add(connection, "next"))
    assert names(engines) == {"first", "next"}
    assert len(opened) == 3


@BOTH_WAYS
def test_votes_that_waited_together_are_retried_on_a_new_connection(
    engines: Engines, opened: list[object], add: Add
) -> None:
    """Check that no vote keeps the connection that met the full disk, which also ends the limit."""

    def later(name: str) -> Callable[[Connection], object]:
        return lambda connection: add(connection, name)

    fill(engines)
    outcomes = commit_together(engines, [later("a"), later(LARGE), later("b")])
    assert [outcome.exception() for outcome in outcomes] == [None, None, None]
    group_commit.commit(engines.write, lambda connection: add(connection, "next"))
    assert names(engines) == {"first", "a", LARGE, "b", "next"}
    assert len(opened) == 3


@BOTH_WAYS
def test_any_other_error_keeps_the_connection(engines: Engines, opened: list[object], add: Add) -> None:
    with pytest.raises(IntegrityError), engines.write.begin() as connection:
        add(connection, "first")
    with engines.write.begin() as connection:
        add(connection, "next")
    assert names(engines) == {"first", "next"}
    assert len(opened) == 2


@pytest.mark.parametrize("engine", ["read", "write"])
@pytest.mark.parametrize(
    "read",
    [
        lambda connection: connection.execute(select(KEPT.c.name)).all(),
        lambda connection: FIND.first(connection, {"name": "first"}),
    ],
    ids=["plainly", "prepared"],
)
def test_after_a_broken_page_the_file_is_reopened(
    path: Path, engines: Engines, opened: list[object], engine: str, read: Callable[[Connection], object]
) -> None:
    """Check the case of a page that is intact on disk and broken only in memory."""
    used: Engine = getattr(engines, engine)
    with used.connect() as connection:
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    engines.dispose()
    whole = path.read_bytes()
    path.write_bytes(whole[:size] + b"\xff" * (len(whole) - size))
    # The error keeps its connection alive, which must release its lock all the same.
    with pytest.raises(DatabaseError, match="malformed") as error_info, used.begin() as connection:
        read(connection)
    path.write_bytes(whole)
    with used.begin() as connection:
        assert read(connection)
    assert len(opened) == 3
    assert error_info.value.connection_invalidated


def test_readiness_comes_back_when_the_disk_works_again(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(config)
    engines: Engines = app.extensions["tilfreds_engines"]
    fill(engines)
    with pytest.raises(OperationalError, match="full"), engines.write.begin() as connection:
        connection.execute(text("CREATE TABLE more AS SELECT zeroblob(1000000)"))
    refused = app.test_client().get("/health/ready")
    assert (refused.status_code, refused.get_json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert app.test_client().get("/health/live").status_code == 200
    monkeypatch.setattr(sqlite, "RECOVERY_SECONDS", 0)
    assert app.test_client().get("/health/ready").status_code == 200
    engines.dispose()
