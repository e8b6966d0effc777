"""Engines for SQLite.

They open connections, begin transactions and discard connections after disk errors.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.pool import QueuePool

LOCK_WAIT_SECONDS = 5
CACHE_KIB = 16 * 1024
DISK_ERRORS: tuple[int, ...] = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CORRUPT)
#: After so long without a failure a disk counts as recovered: a server that is not ready receives no votes, so no
#: successful write could show it.
RECOVERY_SECONDS = 10


class Disk:
    """The time of the last disk failure that a connection of this process saw."""

    def __init__(self) -> None:
        self.failed_at: float | None = None

    @property
    def fails(self) -> bool:
        return self.failed_at is not None and time.monotonic() - self.failed_at < RECOVERY_SECONDS


def engine_options(url: str, *, read_only: bool, pool_size: int) -> dict[str, Any]:
    """Return the options of an engine; a process has a single writing connection."""
    # Path.as_uri escapes characters of a folder's name that have a meaning in an address.
    path = Path(make_url(url).database or "").absolute()
    address = path.as_uri()
    mode = "ro" if read_only else "rwc"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{address}?mode={mode}",
            uri=True,
            timeout=LOCK_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _set_pragmas(connection, read_only)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    return {
        "url": URL.create("sqlite", database=str(path)),
        "creator": connect,
        "hide_parameters": True,
        "poolclass": QueuePool,
        "pool_size": pool_size if read_only else 1,
        "max_overflow": 0,
        "pool_timeout": LOCK_WAIT_SECONDS,
    }


def configure_engine(engine: Engine, disk: Disk, *, read_only: bool) -> None:
    """Set how an engine begins its transactions and handles disk errors."""
    begin_statement = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def begin(dbapi_connection: Any) -> None:
        dbapi_connection.execute(begin_statement)

    # The driver begins, because a statement of SQLAlchemy would cost as much as half the work of a vote.
    engine.dialect.do_begin = begin  # type: ignore[method-assign]
    event.listen(engine, "handle_error", functools.partial(_invalidate_connection, disk))


def _set_pragmas(connection: sqlite3.Connection, read_only: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    if read_only:
        # The writing connection checkpoints; a reader that did so too would race with it.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    # Otherwise each savepoint of a vote would write the pages that it may have to restore to a temporary file.
    connection.execute("PRAGMA temp_store = MEMORY")


def _invalidate_connection(disk: Disk, failure: ExceptionContext) -> None:
    """Discard a connection after a disk error.

    The next caller opens the file again.

    After a failed flush it is unknown which pages in memory are on the disk too.
    """
    code = getattr(failure.original_exception, "sqlite_errorcode", 0)
    # The low byte is the primary result code, the other bytes extend it.
    if code & 0xFF not in DISK_ERRORS:
        return
    disk.failed_at = time.monotonic()
    failure.is_disconnect = True
    if failure.connection is not None and not failure.connection.invalidated:
        driver: Any = failure.connection.connection.driver_connection
        # The error still holds a cursor, so a closed connection would keep its transaction and thus the lock.
        with contextlib.suppress(sqlite3.Error):
            driver.rollback()
