"""Checks and migrations of the database before a server starts."""

import sqlite3
from contextlib import closing

from ..backup import copies
from ..core.config import Config
from ..core.errors import CommandError
from ..migrations import run

#: The `application_id` in the header of an SQLite file that `tilfreds demo` created; every copy keeps it.
DEMO_MARK = 0x74666473


def read_application_id(config: Config) -> int:
    """Return the `application_id` of the SQLite file; 0 without a file and on PostgreSQL.

    The caller must hold the lock: the connection is writable, because SQLite first rolls back what a killed process
    left unfinished, and readers see nothing until that is done.

    Raises:
        CommandError: The file cannot be opened.
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
    if read_application_id(config) == DEMO_MARK:
        raise CommandError(
            f"The database {config.sqlite_path} is a demo with invented people and cannot be served as a real one:"
            " set another file in DATABASE_URL or another folder in DATA_DIR."
        )


def migrate(config: Config) -> list[str]:
    """Upgrade the schema, after a backup of an SQLite database that has a schema.

    Returns:
        A sentence for each thing done; none when the schema is current.
    """
    read_application_id(config)
    url = config.admin_url
    before, newest = run.current_revision(url), run.newest_revision()
    if before == newest:
        return []
    messages = []
    if before is not None and config.is_sqlite and not run.is_newer(url):
        target = copies.choose_target(config, copies.BEFORE)
        copies.make_copy(config, target)
        messages.append(f"Backup before the migration: {target}.")
    run.upgrade(url, secret_keys=config.with_secrets().secret_keys)
    messages.append(f"The database was upgraded from schema {before or 'none'} to {newest}.")
    return messages
