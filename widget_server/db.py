"""Engines, the declarative base and the column types every table shares.

SQLite has two engines: `write` is one connection whose check-out is the lock (each transaction is a BEGIN IMMEDIATE),
`read` is a pool of connections that cannot write. PostgreSQL has one pool that serves as both. `db.session` picks the
engine by what the route declared it does (see `doors.py`); outside a request it writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import uuid_utils.compat
from flask import Flask, g, has_request_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import JSON, DateTime, Engine, MetaData, Table, TypeDecorator, Uuid, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import NullPool

from . import sqlite
from .sqlite import LOCK_WAIT_SECONDS


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. A naive one is refused: it would be somebody's local time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was given for a column in UTC")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Id = Uuid(as_uuid=True)


def new_id() -> UUID:
    """A UUIDv7: random enough not to collide, ordered enough to index well."""
    return uuid_utils.compat.uuid7()


class Base(DeclarativeBase):
    """Named constraints, so that migrations on both databases can name what they drop."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


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


class RoutedSession(Session):
    """Reads through `read` when the route declared that it only reads, else through `write`."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine:
        reads_only = has_request_context() and getattr(g, "access", "write") == "read"
        return db.engines["read" if reads_only else None]


class Database(SQLAlchemy):
    """Flask-SQLAlchemy for models and the session, with engines of our own making: None writes, "read" reads."""

    def init_app(self, app: Flask, *, url: str = "", read_only: bool = False, pool_size: int = 8) -> None:
        made = make_engines(url, read_only=read_only, pool_size=pool_size)
        app.extensions["tilfreds_engines"] = made
        app.config["SQLALCHEMY_DATABASE_URI"] = url
        app.config["SQLALCHEMY_BINDS"] = {"read": url}
        super().init_app(app)

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        made: Engines = app.extensions["tilfreds_engines"]
        return made.read if bind_key == "read" else made.write

    def _apply_driver_defaults(self, options: dict[str, Any], app: Flask) -> None:
        """Ours are set in `make_engines`; the library would move a relative SQLite path."""


db = Database(model_class=Base, session_options={"class_": RoutedSession, "expire_on_commit": False})

if TYPE_CHECKING:

    class Model(Base):
        """What every table's class derives from."""

else:
    Model = db.Model
    Model.registry.update_type_annotation_map({datetime: UtcDateTime, UUID: Id})


def make_engines(url: str, *, read_only: bool = False, pool_size: int = 8) -> Engines:
    """Engines for `url`. `read_only` gives no writing connection at all (the live process on SQLite)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        disk = sqlite.Disk()
        read = sqlite.make_engine(url, disk, read_only=True, pool_size=pool_size)
        write = read if read_only else sqlite.make_engine(url, disk, read_only=False, pool_size=1)
        return Engines(read=read, write=write, disk=disk)
    engine = _postgresql(
        parsed,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=LOCK_WAIT_SECONDS,
        pool_pre_ping=False,
        connect_args={
            "connect_timeout": LOCK_WAIT_SECONDS,
            "options": f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c timezone=UTC",
        },
    )
    return Engines(read=engine, write=engine)


def _postgresql(url: URL, **options: Any) -> Engine:
    """An engine whose errors can be logged: they tell no value of any row."""
    engine = create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True, **options)
    event.listen(engine, "handle_error", _keep_first_line)
    return engine


def _keep_first_line(failure: ExceptionContext) -> None:
    """PostgreSQL says what was wrong in one line, and in those below it shows the row or the words that were."""
    for error in (failure.original_exception, failure.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0],)


def table_of(model: type[Any]) -> Table:
    """The table of a model, for statements of SQLAlchemy Core."""
    return model.__table__


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
    return _postgresql(parsed, poolclass=NullPool)
