"""A killed migration leaves the old schema intact, and the next start completes it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.storage.migrator import KILLED, Migrator
from tests.storage.models import metadata
from widget_server.migrations import run
from widget_server.storage.engines import make_unpooled_engine


def schema(url: str) -> tuple[str | None, set[str]]:
    """Return the revision and the tables, except the table that holds the revision."""
    return run.current_revision(url), set(run.list_tables(url)) - {"alembic_version"}


@pytest.mark.long
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_kill_before_any_statement_changes_nothing(direction: str, empty_url: str, migrator: Migrator) -> None:
    if direction == "down":
        run.upgrade(empty_url)
    before, last = schema(empty_url), 1
    while (statuses := migrator.run(direction, empty_url, last=last)) == [KILLED]:
        assert schema(empty_url) == before
        assert_sound(empty_url)
        last += 1
    assert statuses == [0]
    assert last > len(metadata.tables)
    assert schema(empty_url) == ((run.newest_revision(), set(metadata.tables)) if direction == "up" else (None, set()))


@pytest.mark.slow
def test_a_kill_in_the_middle_changes_nothing(empty_url: str, migrator: Migrator) -> None:
    """One of the cases above, for every run of the tests."""
    assert migrator.run("up", empty_url, last=20) == [KILLED]
    assert schema(empty_url) == (None, set())
    run.upgrade(empty_url)
    assert schema(empty_url) == (run.newest_revision(), set(metadata.tables))


def assert_sound(url: str) -> None:
    with make_unpooled_engine(url).connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
