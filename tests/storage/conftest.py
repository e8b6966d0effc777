"""Databases without a schema, for the tests of migrations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import BOTH, sqlite_url
from tests.postgres import Postgres
from tests.storage.migrator import Migrator


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a database without tables."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "empty.sqlite3")
        return
    server: Postgres = request.getfixturevalue("postgres")
    yield server.create("empty")
    server.drop("empty")


@pytest.fixture(scope="session")
def migrator() -> Iterator[Migrator]:
    """Start a process that runs migrations in child processes."""
    process = Migrator()
    yield process
    process.stop()
