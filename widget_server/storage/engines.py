"""Engines of the database, without the web framework.

Migrations, backups and the session of `db.py` use them.

SQLite has two engines: `write` is a single connection, and checking it out takes the lock (each transaction is a BEGIN
IMMEDIATE); `read` is a pool of read-only connections. PostgreSQL has one pool for both.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.pool import NullPool

from . import sqlite
from .sqlite import LOCK_WAIT_SECONDS

log = logging.getLogger("tilfreds.storage")

#: Connections of one process at most, besides one for notifications.
POOL_SIZE = 8
#: What PostgreSQL and PgBouncer say when no connection is left; the driver has no code for errors before a connection.
NO_CONNECTION_LEFT = (
    "too many clients",
    "too many connections",
    "remaining connection slots",
    "no more connections allowed",
)
FULL_PAUSE_SECONDS = 0.5
#: SQLSTATEs of a read-only server, and of one that ends, has crashed, or is starting.
LOST_STATES = frozenset({"25006", "57P01", "57P02", "57P03"})
#: A machine that lost its power or cable does not close connections. These options of libpq end one within 20 seconds,
#: instead of two hours.
DEAD_MACHINE_OPTIONS = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


@dataclass(frozen=True)
class Engines:
    """The reading and the writing engine of the database.

    On PostgreSQL both are the same engine.
    """

    read: Engine
    write: Engine
    #: The disk of an SQLite file. PostgreSQL handles disk errors itself.
    disk: sqlite.Disk = field(default_factory=sqlite.Disk)
    #: An engine past the pooler, if there is one.
    past_pooler: Engine | None = None

    @property
    def direct(self) -> Engine:
        """The engine for LISTEN and for settings of a session, which a pooler would give to others."""
        return self.past_pooler or self.write

    @property
    def is_sqlite(self) -> bool:
        return self.write.dialect.name == "sqlite"

    def dispose(self) -> None:
        self.read.dispose()
        self.write.dispose()
        if self.past_pooler is not None:
            self.past_pooler.dispose()


def engine_options(
    url: str, *, read_only: bool = False, pool_size: int = POOL_SIZE, is_pooled: bool = False
) -> dict[str | None, dict[str, Any]]:
    """Return the options of each engine by its name: None writes, "read" reads.

    PostgreSQL has only None. On SQLite `read_only` makes both read-only, which the live process needs. `is_pooled`: a
    pooler in transaction mode is between, which supports neither prepared statements nor options of a session.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return {
            None: sqlite.engine_options(url, read_only=read_only, pool_size=pool_size),
            "read": sqlite.engine_options(url, read_only=True, pool_size=pool_size),
        }
    pool_options = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": LOCK_WAIT_SECONDS,
        "pool_pre_ping": False,
        "connect_args": _connect_options(parsed, is_pooled=is_pooled),
    }
    return {None: {**_postgresql_options(parsed), **pool_options}}


def _connect_options(url: URL, *, is_pooled: bool) -> dict[str, Any]:
    """Return the options of each connection, without those that the address sets itself."""
    session_options: dict[str, Any] = {"options": f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c timezone=UTC"}
    options = {
        **({"prepare_threshold": None} if is_pooled else session_options),
        "connect_timeout": LOCK_WAIT_SECONDS,
        **DEAD_MACHINE_OPTIONS,
        # Of several hosts the one that accepts writes; a standby alone is refused.
        "target_session_attrs": "read-write",
    }
    return {name: value for name, value in options.items() if name not in url.query}


def attach_handlers(engines: Mapping[str | None, Engine], *, read_only: bool = False, direct_url: str = "") -> Engines:
    """Attach the error handlers to engines made with `engine_options`."""
    write = engines[None]
    if write.dialect.name != "sqlite":
        past_pooler = create_engine(**engine_options(direct_url)[None]) if direct_url else None
        for engine in filter(None, (write, past_pooler)):
            event.listen(engine, "handle_error", _keep_first_line)
            event.listen(engine, "handle_error", _discard_lost_connections)
            event.listen(engine, "do_connect", connect_when_free)
        return Engines(read=write, write=write, past_pooler=past_pooler)
    disk = sqlite.Disk()
    sqlite.configure_engine(write, disk, read_only=read_only)
    sqlite.configure_engine(engines["read"], disk, read_only=True)
    return Engines(read=engines["read"], write=write, disk=disk)


def make_engines(url: str, *, read_only: bool = False, pool_size: int = POOL_SIZE) -> Engines:
    """Make the engines for `url`, outside an application."""
    options_by_name = engine_options(url, read_only=read_only, pool_size=pool_size)
    engines = {name: create_engine(**options) for name, options in options_by_name.items()}
    return attach_handlers(engines, read_only=read_only)


def _postgresql_options(url: URL) -> dict[str, Any]:
    """Return the options of an engine whose errors can be logged.

    Its errors contain no value of any row.
    """
    return {"url": url.set(drivername="postgresql+psycopg"), "hide_parameters": True}


def _keep_first_line(failure: ExceptionContext) -> None:
    """Cut an error to its first line.

    PostgreSQL shows the row or the statement in the lines below.
    """
    for error in (failure.original_exception, failure.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0],)


def _discard_lost_connections(failure: ExceptionContext) -> None:
    """Discard all pooled connections after an error that a failover causes.

    The driver reports some of these errors before it notices that the connection is closed, and a demoted primary keeps
    connections open; a new connection finds the server that accepts writes.
    """
    if getattr(failure.original_exception, "sqlstate", None) in LOST_STATES:
        failure.is_disconnect = True


def connect_when_free(dialect: Dialect, _record: Any, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Open a connection; while the server has none to give, try again for `LOCK_WAIT_SECONDS`."""
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            return dialect.connect(*arguments, **options)
        except Exception as error:
            if not any(text in str(error) for text in NO_CONNECTION_LEFT):
                raise
            log.warning("too many connections: raise max_connections of PostgreSQL, or lower WEB_WORKERS")
            if time.monotonic() >= deadline:
                raise
        time.sleep(FULL_PAUSE_SECONDS)


def empty_log(engine: Engine) -> None:
    """Move SQLite's write-ahead log into the database file and empty it.

    Until then the log contains overwritten data in clear.
    """
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def make_unpooled_engine(url: str) -> Engine:
    """Make an engine that keeps no connection between uses.

    It is for a separate job such as a migration or a backup.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    engine = create_engine(**_postgresql_options(parsed), poolclass=NullPool)
    event.listen(engine, "handle_error", _keep_first_line)
    return engine
