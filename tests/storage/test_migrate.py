"""Migrations run up and down on both databases, completely or not at all, and keep every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select, text

from tests.databases import BOTH, own_database, sqlite_url
from tests.storage import later_migration
from tests.storage.fill import ROWS, contents, counts, fill
from tests.storage.later_migration import ship_later_migration
from tests.storage.migrator import Migrator
from tests.storage.models import metadata
from widget_server.migrations import run
from widget_server.storage.engines import make_unpooled_engine

AddMigration = Callable[..., None]


def connect(url: str) -> Connection:
    """Open a connection that enforces foreign keys, as those of the product do."""
    connection = make_unpooled_engine(url).connect()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    return connection


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, template_file: Path, tmp_path: Path) -> Iterator[str]:
    """Yield a separate migrated database, because the shared one would keep a broken schema."""
    with own_database(request, template_file, tmp_path, "migrated") as url:
        yield url


@pytest.fixture
def filled_url(database_url: str) -> str:
    """Return the address of a database with rows in every table."""
    with connect(database_url) as connection:
        fill(connection, metadata)
        connection.commit()
        assert counts(connection, metadata) == dict.fromkeys(metadata.tables, ROWS)
    return database_url


@pytest.fixture
def add_migration(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddMigration:
    """Return a function that adds a migration to the product until the end of the test."""

    def add(**options: Any) -> None:
        ship_later_migration(monkeypatch, tmp_path, **{"recreate": database_url.startswith("sqlite"), **options})

    return add


@pytest.mark.slow
def test_every_step_goes_down_and_up_again(filled_url: str, add_migration: AddMigration) -> None:
    """Migrate step by step to nothing and back; tables that a step keeps must keep their rows."""
    add_migration()
    run.upgrade(filled_url)
    steps = [step.revision for step in ScriptDirectory.from_config(run.alembic_config()).walk_revisions()]
    assert len(steps) > 1
    for revision, below in zip(steps, [*steps[1:], run.BASE], strict=True):
        assert run.current_revision(filled_url) == revision
        before = rows_by_table(filled_url)
        run.downgrade(filled_url, below)
        remaining = rows_by_table(filled_url)
        assert remaining == {name: count for name, count in before.items() if name in remaining}
        run.upgrade(filled_url, revision)
        restored = rows_by_table(filled_url)
        assert set(restored) == set(before)
        assert {name: restored[name] for name in remaining} == remaining
        run.downgrade(filled_url, below)
    assert run.current_revision(filled_url) is None
    assert rows_by_table(filled_url) == {}
    run.upgrade(filled_url)
    assert run.current_revision(filled_url) == run.newest_revision()
    assert rows_by_table(filled_url) == dict.fromkeys([*metadata.tables, later_migration.TABLE], 0)


def test_a_downgrade_ends_the_roles_of_groups(filled_url: str) -> None:
    """An earlier version would let them count in every session, and for ever."""
    table, sessions = metadata.tables["membership"], metadata.tables["login_session"]
    with connect(filled_url) as connection:
        kept_id, group_id, _ = connection.scalars(select(table.c.id).order_by(table.c.id))
        connection.execute(table.update().where(table.c.id == group_id).values(from_groups=True))
        connection.execute(sessions.update().values(ended_at=None))
        sign_on_count = connection.scalar(select(func.count()).where(sessions.c.is_sign_on))
        connection.commit()
    run.downgrade(filled_url, "2026_12_01_0051")
    with connect(filled_url) as connection:
        remaining_ids = set(connection.scalars(select(table.c.id)))
        assert kept_id in remaining_ids and group_id not in remaining_ids and len(remaining_ids) == ROWS - 1
        assert connection.scalar(select(func.count()).where(sessions.c.ended_at.is_not(None))) == sign_on_count == 2
    run.upgrade(filled_url)
    with connect(filled_url) as connection:
        assert not any(connection.scalars(select(table.c.from_groups)))


def rows_by_table(url: str) -> dict[str, int]:
    with connect(url) as connection:
        names = [name for name in run.list_tables(url) if name != "alembic_version"]
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}


def test_a_second_upgrade_changes_nothing(filled_url: str) -> None:
    with connect(filled_url) as connection:
        before = contents(connection, metadata)
    run.upgrade(filled_url)
    with connect(filled_url) as connection:
        assert contents(connection, metadata) == before


def test_a_later_migration_keeps_the_rows_of_tables_it_changes(filled_url: str, add_migration: AddMigration) -> None:
    with connect(filled_url) as connection:
        before = contents(connection, metadata)
    add_migration()
    run.upgrade(filled_url)
    assert run.current_revision(filled_url) == later_migration.REVISION
    with connect(filled_url) as connection:
        assert contents(connection, metadata) == before
        assert connection.execute(text("SELECT count(*) FROM site WHERE colour IS NULL")).scalar_one() == ROWS
        pages = connection.execute(text("SELECT page, page_folded FROM vote")).all()
    assert [folded for _, folded in pages] == [page.lower() for page, _ in pages]
    run.downgrade(filled_url, "-1")
    with connect(filled_url) as connection:
        assert contents(connection, metadata) == before


def test_a_migration_that_fails_half_way_leaves_the_old_schema(filled_url: str, add_migration: AddMigration) -> None:
    with connect(filled_url) as connection:
        before = contents(connection, metadata)
    add_migration(then='raise ValueError("half way")', recreate=False)
    with pytest.raises(ValueError, match="half way"):
        run.upgrade(filled_url)
    with connect(filled_url) as connection:
        assert contents(connection, metadata) == before
        columns = connection.execute(text("SELECT * FROM site")).keys()
    assert "colour" not in columns
    assert later_migration.TABLE not in run.list_tables(filled_url)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_missing_references_roll_a_migration_back(filled_url: str, add_migration: AddMigration) -> None:
    add_migration(then='op.execute("DELETE FROM site")')
    with pytest.raises(run.SchemaError, match="missing references in .*survey"):
        run.upgrade(filled_url)
    with connect(filled_url) as connection:
        assert counts(connection, metadata) == dict.fromkeys(metadata.tables, ROWS)


def test_a_newer_schema_is_refused_and_left_alone(database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2031_01_01_0099'"))
        connection.commit()
    assert run.is_newer(database_url)
    for change in (lambda: run.upgrade(database_url), lambda: run.downgrade(database_url, run.BASE)):
        with pytest.raises(run.SchemaError, match="created by a newer Tilfreds: its schema is 2031_01_01_0099"):
            change()  # type: ignore[no-untyped-call]
    assert run.current_revision(database_url) == "2031_01_01_0099"
    assert set(metadata.tables) < set(run.list_tables(database_url))


def test_the_current_schema_is_not_newer(empty_url: str) -> None:
    assert not run.is_newer(empty_url)
    run.upgrade(empty_url)
    assert not run.is_newer(empty_url)


def test_reading_creates_no_file(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "absent.sqlite3")
    assert run.current_revision(url) is None
    assert not run.is_newer(url)
    assert run.list_tables(url) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_simultaneous_upgrades_create_one_schema(empty_url: str, migrator: Migrator) -> None:
    assert migrator.run("up", empty_url, count=3) == [0, 0, 0]
    assert run.current_revision(empty_url) == run.newest_revision()


def test_a_locked_file_is_a_readable_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOCK_WAIT_SECONDS", 0)
    url = sqlite_url(tmp_path / "held.sqlite3")
    run.upgrade(url)
    with connect(url) as lock_holder:
        lock_holder.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(run.SchemaError, match="in use by another process"):
            run.upgrade(url)
