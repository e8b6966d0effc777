"""Engines of the database, without the web framework: for migrations, copies and the session of `db.py`.

SQLite has two engines: `write` is one connection whose check-out is the lock (each transaction is a BEGIN IMMEDIATE),
`read` is a pool of connections that cannot write. PostgreSQL has one pool that serves as both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.pool import NullPool

from . import sqlite
from .sqlite import LOCK_WAIT_SECONDS


@dataclass(frozen=True)
class Engines:
    """The two ways to the one database; on PostgreSQL both are the same engine."""

    read: Engine
    write: Engine
    #: Of SQLite's file; PostgreSQL looks after its own.
    disk: sqlite.Disk = field(default_factory=sqlite.Disk)

    @property
    def is_sqlite(self) -> bool:
        return self.write.dialect.name == "sqlite"

    def dispose(self) -> None:
        self.read.dispose()
        self.write.dispose()


def engine_options(url: str, *, read_only: bool = False, pool_size: int = 8) -> dict[str | None, dict[str, Any]]:
    """Return the options of each engine by its name: None writes, "read" reads.

    PostgreSQL has None alone. On SQLite `read_only` gives no writing connection at all (the live process).
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return {
            None: sqlite.engine_options(url, read_only=read_only, pool_size=pool_size),
            "read": sqlite.engine_options(url, read_only=True, pool_size=pool_size),
        }
    pooled = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": LOCK_WAIT_SECONDS,
        "pool_pre_ping": False,
        "connect_args": {
            "connect_timeout": LOCK_WAIT_SECONDS,
            "options": f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c timezone=UTC",
        },
    }
    return {None: {**_postgresql(parsed), **pooled}}


def prepared(engines: Mapping[str | None, Engine], *, read_only: bool = False) -> Engines:
    """Return engines that were made with `engine_options`, listening to their errors."""
    write = engines[None]
    if write.dialect.name != "sqlite":
        event.listen(write, "handle_error", _keep_first_line)
        return Engines(read=write, write=write)
    disk = sqlite.Disk()
    sqlite.prepare(write, disk, read_only=read_only)
    sqlite.prepare(engines["read"], disk, read_only=True)
    return Engines(read=engines["read"], write=write, disk=disk)


def make_engines(url: str, *, read_only: bool = False, pool_size: int = 8) -> Engines:
    """Make the engines for `url`, outside an application."""
    options = engine_options(url, read_only=read_only, pool_size=pool_size)
    return prepared({name: create_engine(**given) for name, given in options.items()}, read_only=read_only)


def _postgresql(url: URL) -> dict[str, Any]:
    """The options of an engine whose errors can be logged: they tell no value of any row."""
    return {"url": url.set(drivername="postgresql+psycopg"), "hide_parameters": True}


def _keep_first_line(failure: ExceptionContext) -> None:
    """PostgreSQL says what was wrong in one line, and in those below it shows the row or the words that were."""
    for error in (failure.original_exception, failure.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0],)


def empty_log(engine: Engine) -> None:
    """Move SQLite's log into its file and empty it: until then it holds what was overwritten, in clear."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def one_connection(url: str) -> Engine:
    """An engine for a job of its own (migration, backup) that keeps no connection between uses."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    engine = create_engine(**_postgresql(parsed), poolclass=NullPool)
    event.listen(engine, "handle_error", _keep_first_line)
    return engine
