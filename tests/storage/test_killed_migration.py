"""A migration whose process is killed leaves the old schema whole, and the next start finishes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.storage.models import metadata
from widget_server.db import one_connection
from widget_server.migrations import run

ROOT = Path(__file__).parents[2]
#: Reads numbers. For each a child runs the migration and dies before its statement of that number; prints how it ended.
PROGRAM = """
import os, sys
from pathlib import Path
from sqlalchemy import event, Engine
from tests.storage.later_migration import config_with_later
from widget_server.migrations import run

direction, url, *later = sys.argv[1:]
if later:
    config = config_with_later(Path(later[0]))
    run.alembic_config = lambda: config

def migrate(last):
    left = iter(range(last - 1, -1, -1))
    event.listen(Engine, "before_cursor_execute", lambda *given: next(left) or os.kill(os.getpid(), 9))
    run.upgrade(url) if direction == "up" else run.downgrade(url, "base")

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        migrate(int(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
KILLED = -9


class Victim:
    """Migrates as often as it is told to, and is killed each time."""

    program = PROGRAM

    def __init__(self, direction: str, url: str, later: Path | None = None) -> None:
        """`later` is a folder with migrations beside the shipped ones."""
        command = [sys.executable, "-c", self.program, direction, url, *([str(later)] if later else [])]
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def die_before(self, statement: int) -> int:
        """Its status: that of a kill, or 0 when the migration has fewer statements."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{statement}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> None:
        self.process.communicate(timeout=60)


def schema(url: str) -> tuple[str | None, set[str]]:
    """The revision and the tables, but for the one that holds the revision."""
    return run.current(url), set(run.tables(url)) - {"alembic_version"}


@pytest.mark.long
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_kill_before_any_statement_changes_nothing(direction: str, empty_url: str) -> None:
    if direction == "down":
        run.upgrade(empty_url)
    before, last = schema(empty_url), 1
    victim = Victim(direction, empty_url)
    while (status := victim.die_before(last)) == KILLED:
        assert schema(empty_url) == before
        assert_sound(empty_url)
        last += 1
    victim.end()
    assert status == 0
    assert last > len(metadata.tables)
    assert schema(empty_url) == ((run.head(), set(metadata.tables)) if direction == "up" else (None, set()))


def test_a_kill_in_the_middle_changes_nothing(empty_url: str) -> None:
    """One moment of the many above, for every run of the tests."""
    victim = Victim("up", empty_url)
    assert victim.die_before(20) == KILLED
    victim.end()
    assert schema(empty_url) == (None, set())
    run.upgrade(empty_url)
    assert schema(empty_url) == (run.head(), set(metadata.tables))


def assert_sound(url: str) -> None:
    with one_connection(url).connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
