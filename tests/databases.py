"""Fresh, migrated databases in milliseconds: a copy of a file, or one PostgreSQL database emptied between tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from widget_server.migrations import run

from .postgres import Postgres

#: For a test of what a database decides: it writes, locks, sorts, searches, migrates or listens. Such a test runs on
#: SQLite and on PostgreSQL, any other once, on SQLite. tests/test_databases.py lists the files with the first kind.
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
ON_BOTH = pytest.mark.parametrize("database_url", BOTH, indirect=True)
#: The same for the running server of the browser tests.
ON_BOTH_SERVERS = pytest.mark.parametrize("product", BOTH, indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)
#: Alembic's own note of the schema that the database has.
NOT_EMPTIED = "alembic_version"
#: The migrated database that others are copies of; nothing stays connected to it.
TEMPLATE = "migrated_template"
MEMORY_PREFIX = "tilfreds-tests-"


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def migrated_file(path: Path) -> Path:
    """A migrated SQLite file without a log beside it, so that copying the one file copies all."""
    run.upgrade(sqlite_url(path))
    assert not path.with_name(f"{path.name}-wal").exists()
    return path


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory where the system has one: a test's commits are durable, and need not wait for a disk."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    remove_abandoned(place)
    with tempfile.TemporaryDirectory(prefix=f"{MEMORY_PREFIX}{os.getpid()}-", dir=place) as folder:
        yield Path(folder)


def remove_abandoned(place: Path) -> None:
    """Remove the folders of test runs that were killed: their names hold the number of a process that is no more."""
    for folder in place.glob(f"{MEMORY_PREFIX}*"):
        number = folder.name.removeprefix(MEMORY_PREFIX).partition("-")[0]
        try:
            os.kill(int(number), 0)
        except (ValueError, ProcessLookupError):
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            """Somebody else's, and alive."""


def copy_of(template: Path, folder: Path) -> str:
    """The address of a copy of the template in `folder`, in place of an earlier one with its log."""
    path = folder / "tilfreds.sqlite3"
    for earlier in folder.glob(f"{path.name}*"):
        earlier.unlink()
    shutil.copyfile(template, path)
    return sqlite_url(path)


@contextmanager
def own_database(request: pytest.FixtureRequest, template: Path, folder: Path, name: str) -> Iterator[str]:
    """The address of a migrated database for one test alone, of the kind that the fixture's parameter says: for a test
    that leaves it with another schema, or with none.
    """
    if request.param == "sqlite":
        yield copy_of(template, folder)
        return
    shared: SharedDatabase = request.getfixturevalue("shared_database")
    yield shared.server.create(name, TEMPLATE)
    shared.server.drop(name)


class SharedDatabase:
    """One migrated database of a PostgreSQL, emptied before each test that uses it (1 ms; a new one costs 100)."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        run.upgrade(server.create(TEMPLATE))
        self.url = server.create("shared", TEMPLATE)
        tables = [name for name in run.list_tables(self.url) if name != NOT_EMPTIED]
        # As a replica no foreign key is looked up, so the order of the tables does not matter.
        self.script = "SET session_replication_role = replica;" + "".join(f'DELETE FROM "{name}";' for name in tables)

    def emptied(self) -> str:
        """The address, after ending what an earlier test left open and deleting what it wrote."""
        with self.server.connect("shared") as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute(self.script)
        return self.url
