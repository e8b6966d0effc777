"""The database before anything serves it: whose it is, which schema it has, and the way to this version's."""

import sqlite3
from contextlib import closing

from ..backup import copies
from ..core.config import Config
from ..core.errors import CommandError
from ..migrations import run

#: Stands in the header of an SQLite file that `tilfreds demo` made, and stays in every copy of it.
DEMO_MARK = 0x74666473


def mark_of(config: Config) -> int:
    """What the file says that it is. For who holds the lock alone: SQLite undoes first what a killed process left half
    done, which only a connection that may write can do, and without which those who read see nothing.
    """
    if not config.is_sqlite or not config.sqlite_path.exists():
        return 0
    try:
        with closing(sqlite3.connect(config.sqlite_path)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return int(connection.execute("PRAGMA application_id").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise CommandError(f"The database {config.sqlite_path} cannot be opened: {error}.") from error


def mark_demo(config: Config) -> None:
    with closing(sqlite3.connect(config.sqlite_path)) as connection:
        connection.execute(f"PRAGMA application_id = {DEMO_MARK}")


def check_not_demo(config: Config) -> None:
    if mark_of(config) == DEMO_MARK:
        raise CommandError(
            f"The database {config.sqlite_path} is a demo with invented people, and is not served as a real one:"
            " name another file with DATABASE_URL or another folder with DATA_DIR."
        )


def migrate(config: Config) -> list[str]:
    """Bring the schema up to date; a database with something in it is copied first. Returns what was done, in words."""
    mark_of(config)
    url = config.database_url
    before, newest = run.current_revision(url), run.newest_revision()
    if before == newest:
        return []
    done = []
    if before is not None and config.is_sqlite and not run.is_newer(url):
        target = copies.default_target(config, copies.BEFORE)
        copies.make_copy(config, target)
        done.append(f"Backup before the migration: {target}.")
    run.upgrade(url)
    done.append(f"The database was brought from schema {before or 'none'} to {newest}.")
    return done
