"""A migration that is killed before any statement leaves every row unchanged, and the next start finishes it.

tests/storage/test_killed_migration.py has the same for a database without rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from tests.databases import BOTH, own_database
from tests.storage.later_migration import ship_later_migration
from tests.storage.migrator import KILLED
from widget_server.migrations import run
from widget_server.storage.engines import make_unpooled_engine

from .concurrency import Place, Voter, find, place, read_log
from .record import record

#: The number of statements between two kills on the way from the oldest schema.
STEP = 11


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, template_file: Path, tmp_path: Path) -> Iterator[str]:
    """Create a database for one test, because its schema may be left in pieces."""
    with own_database(request, template_file, tmp_path, "killed") as url:
        yield url


@pytest.fixture
def later(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create the folder of a migration that follows the shipped ones."""
    folder = tmp_path / "later"
    folder.mkdir()
    ship_later_migration(monkeypatch, folder, recreate=url.startswith("sqlite"))
    return folder


@pytest.fixture
def rated(program: Voter, url: str, tmp_path: Path) -> Place:
    """Create a place with some votes."""
    here = place(tmp_path, url)
    program.prepare(here.job(readers=1, tries=6))
    program.go()
    assert program.wait() == 0
    return here


def older() -> list[str]:
    """Return every schema that a database with rows may still have, newest first."""
    script = ScriptDirectory.from_config(run.alembic_config())
    return [str(revision.down_revision) for revision in script.walk_revisions() if revision.down_revision]


def content(url: str) -> dict[str, Any]:
    """Return the columns and rows of every table."""
    with make_unpooled_engine(url).connect() as connection:
        return {
            name: (
                [column["name"] for column in columns],
                sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')).all())),
            )
            for (_, name), columns in inspect(connection).get_multi_columns().items()
        }


def kill(
    program: Voter, url: str, later: Path, *, direction: str = "up", step: int = 1, is_planted: bool = False
) -> Iterator[bool]:
    """Kill a migration before every `step`-th statement; yield for each kill whether it changed something.

    In the planted form each statement is committed separately.
    """
    before = content(url)
    job = {"migrate": direction, "url": url, "later": str(later), "is_planted": is_planted}
    for statement in itertools.count(1, step):
        program.prepare({**job, "statement": statement})
        program.go()
        if program.wait() != KILLED:
            return
        yield content(url) != before


def kill_upgrades(program: Voter, place: Place, later: Path, revisions: Iterable[str], *, step: int = 1) -> int:
    """Migrate from each of these older schemas to the newest; return the number of kills."""
    kills = 0
    for revision in revisions:
        run.upgrade(place.url)
        run.downgrade(place.url, revision)
        changes = list(kill(program, place.url, later, step=step))
        assert not any(changes)
        assert run.current_revision(place.url) == run.newest_revision(), "the one that was not killed came to its end"
        kills += len(changes)
    assert kills > 0
    assert not find(place.url, read_log(place.journal))
    return kills


def test_a_killed_migration_leaves_every_row(program: Voter, rated: Place, later: Path) -> None:
    """Kill on the way from the oldest and the newest of the older schemas; the long test takes every one."""
    newest, *_, oldest = older()
    kill_upgrades(program, rated, later, [newest])
    kill_upgrades(program, rated, later, [oldest], step=STEP)


def test_a_migration_in_pieces_is_found(program: Voter, rated: Place, later: Path) -> None:
    assert any(kill(program, rated.url, later, is_planted=True))


@pytest.mark.long
def test_a_kill_before_every_statement_leaves_every_row(program: Voter, rated: Place, later: Path) -> None:
    kills = kill_upgrades(program, rated, later, older())
    down = list(kill(program, rated.url, later, direction="down"))
    assert run.current_revision(rated.url) is None
    up = list(kill(program, rated.url, later))
    assert run.current_revision(rated.url) == run.newest_revision()
    assert not any(down) and not any(up)
    run.downgrade(rated.url, older()[0])
    planted = list(kill(program, rated.url, later, is_planted=True))
    assert any(planted)
    record(
        f"A14, {'SQLite' if rated.url.startswith('sqlite') else 'PostgreSQL'}",
        f"{kills} kills on the way up from older schemas with rows, {len(down)} down to nothing, {len(up)} up from"
        " there: 0 changed a column or a row, each way was then finished",
        f"each statement committed by itself: found at {sum(planted)} of {len(planted)} kills",
    )
