"""The schema's way up and down, and the only code that ever changes it.

Each run is one transaction that holds the database's lock, so a run that dies leaves the old schema, and of two that
start together the second finds nothing to do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from ..core.errors import CommandError
from ..storage.engines import make_unpooled_engine
from ..storage.sqlite import LOCK_WAIT_SECONDS

#: Any number that no other program on the same PostgreSQL uses for its own advisory locks.
ADVISORY_LOCK = 8_245_713_990_114

BASE = "base"


class SchemaError(CommandError):
    """The schema cannot be used or changed; the text is a whole sentence for the owner."""


def alembic_config() -> AlembicConfig:
    config = AlembicConfig()
    # Alembic expands % in its options; a folder's name may hold one.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str:
    """The newest schema that this version knows."""
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert newest is not None
    return newest


def current(url: str) -> str | None:
    """The schema that the database has now; None for an empty or absent one. Writes nothing."""
    engine = _reader(url)
    if engine is None:
        return None
    with engine.connect() as connection:
        return _revision(connection)


def is_newer(url: str) -> bool:
    """Whether the database was made by a later version, whose schema this one does not know."""
    revision = current(url)
    return revision is not None and not _is_known(revision)


def upgrade(url: str, to: str = "head") -> None:
    """Bring the schema up to this version's; a database that is there already is left alone."""
    with _alone(url) as connection:
        _check_not_newer(connection)
        command.upgrade(_configured(connection), to)


def downgrade(url: str, to: str) -> None:
    """Take the schema back to revision `to`, or to nothing with "base"."""
    with _alone(url) as connection:
        _check_not_newer(connection)
        command.downgrade(_configured(connection), to)


def _configured(connection: Connection) -> AlembicConfig:
    config = alembic_config()
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_known(revision: str) -> bool:
    script = ScriptDirectory.from_config(alembic_config())
    return any(known.revision == revision for known in script.walk_revisions())


def _check_not_newer(connection: Connection) -> None:
    revision = _revision(connection)
    if revision is not None and not _is_known(revision):
        raise SchemaError(
            f"This database was made by a newer Tilfreds: its schema is {revision}, and this version knows none after"
            f" {head()}. Install the newer version, or restore a backup that this one made."
        )


def _reader(url: str) -> Engine | None:
    """An engine that cannot write, and so never checkpoints beside a running server; None where there is no file."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return make_unpooled_engine(url)
    path = parsed.database
    if path is None or not Path(path).exists():
        return None

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, timeout=LOCK_WAIT_SECONDS)

    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """A transaction that no other migration shares; it is committed whole or not at all."""
    engine = make_unpooled_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            yield connection
            if engine.dialect.name == "sqlite":
                _check_references(connection)
    except OperationalError as error:
        if "database is locked" in str(error.orig):
            raise SchemaError("The database is in use by another process: stop it, then try again.") from error
        raise


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    # A table is changed by making it anew and dropping the old one, which would delete the rows that refer to it.
    # Inside a transaction this pragma does nothing: it must come before BEGIN.
    connection.execute("PRAGMA foreign_keys = OFF")


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise SchemaError(
            f"The migration was undone: it would have left rows without the row they refer to, in {tables}."
        )


def tables(url: str) -> list[str]:
    """The names of the tables that the database has now."""
    engine = _reader(url)
    if engine is None:
        return []
    with engine.connect() as connection:
        return sorted(inspect(connection).get_table_names())
