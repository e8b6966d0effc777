"""Engines for SQLite: how a connection is opened, how a transaction begins, and when a connection is thrown away."""

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
#: Without a failure for so long, a disk counts as mended; who is not ready is sent no votes that could show it.
MENDED_SECONDS = 10


class Disk:
    """What the connections of one process found out about the disk."""

    def __init__(self) -> None:
        self.failed_at: float | None = None

    @property
    def fails(self) -> bool:
        return self.failed_at is not None and time.monotonic() - self.failed_at < MENDED_SECONDS


def engine_options(url: str, *, read_only: bool, pool_size: int) -> dict[str, Any]:
    """Return the options of an engine whose connections read only, or write; a process has one writing connection."""
    # As an address, because a folder's name may hold what means something in one.
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


def prepare(engine: Engine, disk: Disk, *, read_only: bool) -> None:
    """Let an engine begin its transactions as SQLite needs, and notice a disk that fails."""
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def begin_now(dbapi_connection: Any) -> None:
        dbapi_connection.execute(begin)

    # By the driver itself: a statement of SQLAlchemy's would cost as much as half the work of a vote.
    engine.dialect.do_begin = begin_now  # type: ignore[method-assign]
    event.listen(engine, "handle_error", functools.partial(_open_anew, disk))


def _set_pragmas(connection: sqlite3.Connection, read_only: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    if read_only:
        # One connection writes and checkpoints; a reader that did would race with it.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    # Else each vote's savepoint would write the pages that it may have to restore into a file elsewhere.
    connection.execute("PRAGMA temp_store = MEMORY")


def _open_anew(disk: Disk, failure: ExceptionContext) -> None:
    """After a failed flush nobody knows which pages in memory are on the disk too: the next caller opens the file."""
    code = getattr(failure.original_exception, "sqlite_errorcode", 0)
    # The low byte is the kind of error, the rest says more about it.
    if code & 0xFF not in DISK_ERRORS:
        return
    disk.failed_at = time.monotonic()
    failure.is_disconnect = True
    if failure.connection is not None and not failure.connection.invalidated:
        driver: Any = failure.connection.connection.driver_connection
        # Closed while a cursor lives on in the error, it would keep its transaction, and with it the lock.
        with contextlib.suppress(sqlite3.Error):
            driver.rollback()
