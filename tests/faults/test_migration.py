"""A migration of a database with rows in it that is killed before any statement leaves every row as it was, and the
next start finishes. tests/storage/test_killed_migration.py has the same for one without rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, select

from tests.conftest import BOTH
from tests.databases import own_database
from tests.storage.later_migration import config_with_later, write_later_migration
from tests.storage.test_killed_migration import KILLED, PROGRAM, Victim
from widget_server.db import one_connection
from widget_server.migrations import run

from .crowd import Place, Voter, find, place, told
from .record import record

#: Each statement of the migration is committed by itself, as with a database that cannot do better.
COMMITTING = """
from sqlalchemy import event, Engine
event.listen(Engine, "after_cursor_execute", lambda connection, *_: connection.connection.driver_connection.commit())
"""


class CommittingVictim(Victim):
    program = COMMITTING + PROGRAM


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, template_file: Path, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own: its schema may be left in pieces."""
    with own_database(request, template_file, tmp_path, "killed") as url:
        yield url


@pytest.fixture
def later(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a migration that comes after the shipped ones."""
    folder = tmp_path / "later"
    folder.mkdir()
    write_later_migration(folder, recreate=url.startswith("sqlite"))
    config = config_with_later(folder)
    monkeypatch.setattr(run, "alembic_config", lambda: config)
    return folder


@pytest.fixture
def rated(program: Voter, url: str, tmp_path: Path) -> Place:
    """A place with some votes."""
    here = place(tmp_path, url)
    program.prepare(here.job(readers=1, tries=6))
    program.go()
    assert program.wait() == 0
    return here


def older() -> list[str]:
    """Every schema that a database with rows may still have, newest first."""
    script = ScriptDirectory.from_config(run.alembic_config())
    return [str(revision.down_revision) for revision in script.walk_revisions() if revision.down_revision]


def content(url: str) -> dict[str, Any]:
    """The columns and rows of every table that the database has now."""
    found = MetaData()
    with one_connection(url).connect() as connection:
        found.reflect(connection)
        return {
            name: (table.columns.keys(), sorted(map(repr, connection.execute(select(table)).all())))
            for name, table in found.tables.items()
        }


def kill(
    url: str, later: Path, kind: type[Victim] = Victim, *, direction: str = "up", step: int = 1
) -> tuple[int, int]:
    """Kill a migration before every `step`-th of its statements; how often, and how often that changed something."""
    before = content(url)
    victim, kills, changes = kind(direction, url, later), 0, 0
    for statement in itertools.count(1, step):
        if victim.die_before(statement) != KILLED:
            break
        kills, changes = kills + 1, changes + (content(url) != before)
    victim.end()
    return kills, changes


def kill_upgrades(place: Place, later: Path, *, step: int = 1) -> int:
    """From each older schema to the newest; how many kills that took."""
    kills = 0
    for revision in older():
        run.upgrade(place.url)
        run.downgrade(place.url, revision)
        made, changes = kill(place.url, later, step=step)
        assert changes == 0
        assert run.current(place.url) == run.head(), "the one that was not killed came to its end"
        kills += made
    assert kills > 0
    assert not find(place.url, told(place.journal))
    return kills


def test_a_killed_migration_leaves_every_row(rated: Place, later: Path) -> None:
    """With a kill before every third statement; the long form takes every one."""
    kill_upgrades(rated, later, step=3)


def test_a_migration_in_pieces_is_found(rated: Place, later: Path) -> None:
    assert kill(rated.url, later, CommittingVictim)[1] > 0


@pytest.mark.long
def test_a_kill_before_every_statement_leaves_every_row(rated: Place, later: Path) -> None:
    kills = kill_upgrades(rated, later)
    down = kill(rated.url, later, direction="down")
    assert run.current(rated.url) is None
    up = kill(rated.url, later)
    assert run.current(rated.url) == run.head()
    assert down[1] == up[1] == 0
    run.downgrade(rated.url, older()[0])
    planted = kill(rated.url, later, CommittingVictim)
    assert planted[1] > 0
    record(
        f"A14, {'SQLite' if rated.url.startswith('sqlite') else 'PostgreSQL'}",
        f"{kills} kills on the way up from older schemas with rows, {down[0]} down to nothing, {up[0]} up from there:"
        " 0 changed a column or a row, each way was then finished",
        f"each statement committed by itself: found at {planted[1]} of {planted[0]} kills",
    )
