"""Migrated databases in milliseconds: a copy of a file, or one PostgreSQL database that is emptied between tests."""

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

#: For a test whose result depends on the database: it writes, locks, sorts, searches, migrates or listens. Such a test
#: runs on SQLite and on PostgreSQL, any other once, on SQLite. tests/test_databases.py lists the files of the former.
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
ON_BOTH = pytest.mark.parametrize("database_url", BOTH, indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)
#: The table in which Alembic stores the revision of the schema.
NOT_EMPTIED = "alembic_version"
#: The migrated database that others are copied from, which PostgreSQL allows only without connections to it.
TEMPLATE = "migrated_template"
MEMORY_PREFIX = "tilfreds-tests-"


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def migrated_file(path: Path) -> Path:
    """Make a migrated SQLite file without a write-ahead log, so that copying the file copies everything."""
    run.upgrade(sqlite_url(path))
    assert not path.with_name(f"{path.name}-wal").exists()
    return path


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Make a folder in memory, if the system has one, so that the durable commits of tests do not wait for a disk."""
    memory = Path("/dev/shm")
    parent = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    remove_abandoned_folders(parent)
    with tempfile.TemporaryDirectory(prefix=f"{MEMORY_PREFIX}{os.getpid()}-", dir=parent) as folder:
        yield Path(folder)


def remove_abandoned_folders(parent: Path) -> None:
    """Remove the folders of killed test runs, whose names contain the id of a process that no longer exists."""
    for folder in parent.glob(f"{MEMORY_PREFIX}*"):
        process_id = folder.name.removeprefix(MEMORY_PREFIX).partition("-")[0]
        try:
            os.kill(int(process_id), 0)
        except (ValueError, ProcessLookupError):
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            """The process runs under another user."""


def copy_of(template: Path, folder: Path) -> str:
    """Copy the template into `folder`, replacing an earlier copy and its log, and return the address."""
    path = folder / "tilfreds.sqlite3"
    for earlier in folder.glob(f"{path.name}*"):
        earlier.unlink()
    shutil.copyfile(template, path)
    return sqlite_url(path)


@contextmanager
def own_database(request: pytest.FixtureRequest, template: Path, folder: Path, name: str) -> Iterator[str]:
    """Yield the address of a separate migrated database, of the kind in the fixture's parameter.

    For a test that leaves it with another schema, or with none.
    """
    if request.param == "sqlite":
        yield copy_of(template, folder)
        return
    shared: SharedDatabase = request.getfixturevalue("shared_database")
    yield shared.server.create(name, TEMPLATE)
    shared.server.drop(name)


#: Connections within a transaction, or with a lock that outlives it.
END_LOCKING_CONNECTIONS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND (state <> 'idle' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
"""


class SharedDatabase:
    """One migrated database of a PostgreSQL, emptied before each test that uses it (1 ms; a new one costs 100)."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        run.upgrade(server.create(TEMPLATE))
        self.url = server.create("shared", TEMPLATE)
        tables = [name for name in run.list_tables(self.url) if name != NOT_EMPTIED]
        # A replica checks no foreign keys, so the order of the tables does not matter.
        self.script = "SET session_replication_role = replica;" + "".join(f'DELETE FROM "{name}";' for name in tables)

    def empty(self) -> str:
        """Delete all rows and return the address, after ending connections that an earlier test left with a lock."""
        with self.server.connect("shared") as connection:
            connection.execute(END_LOCKING_CONNECTIONS)
            connection.execute(self.script)
        return self.url
