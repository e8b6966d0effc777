"""Upgrade and downgrade the schema. No other code changes it.

Each run is one transaction that holds the database's lock. So a run that is killed leaves the old schema, and the
second of two simultaneous runs finds nothing to do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
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

#: An arbitrary number that no other program on the same PostgreSQL should use for its advisory locks.
ADVISORY_LOCK = 8_245_713_990_114

BASE = "base"


class SchemaError(CommandError):
    """The schema cannot be used or changed.

    The text is a whole sentence for the operator.
    """


def alembic_config() -> AlembicConfig:
    """Return the configuration of Alembic, which has no file."""
    config = AlembicConfig()
    # Alembic expands % in its options, and a folder's name may contain one.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def newest_revision() -> str:
    """Return the newest revision that this version knows."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert revision is not None
    return revision


def current_revision(url: str) -> str | None:
    """Return the revision of a database.

    It is None for an empty or absent database. Nothing is written.
    """
    engine = _make_read_engine(url)
    if engine is None:
        return None
    with engine.connect() as connection:
        return _revision_of(connection)


def is_newer(url: str) -> bool:
    """Return whether a later version created the database.

    Such a database has a revision that this version does not know.
    """
    revision = current_revision(url)
    return revision is not None and not _is_known(revision)


def upgrade(url: str, to: str = "head", *, secret_keys: Sequence[bytes] = ()) -> None:
    """Upgrade the schema to revision `to`, by default the newest.

    If the database has it already, nothing changes. `secret_keys` are for the hashes of the audit log.
    """
    with _exclusive_transaction(url) as connection:
        _check_not_newer(connection)
        command.upgrade(_config_with(connection, secret_keys), to)


def downgrade(url: str, to: str, *, secret_keys: Sequence[bytes] = ()) -> None:
    """Downgrade the schema to revision `to`; "base" removes all tables."""
    with _exclusive_transaction(url) as connection:
        _check_not_newer(connection)
        command.downgrade(_config_with(connection, secret_keys), to)


def _config_with(connection: Connection, secret_keys: Sequence[bytes]) -> AlembicConfig:
    config = alembic_config()
    config.attributes.update(connection=connection, secret_keys=tuple(secret_keys))
    return config


def _revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_known(revision: str) -> bool:
    script = ScriptDirectory.from_config(alembic_config())
    return any(step.revision == revision for step in script.walk_revisions())


def _check_not_newer(connection: Connection) -> None:
    revision = _revision_of(connection)
    if revision is not None and not _is_known(revision):
        raise SchemaError(
            f"This database was created by a newer Tilfreds: its schema is {revision}, and the newest that this version"
            f" knows is {newest_revision()}. Install the newer version, or restore a backup of this version."
            " A development database from before the first release cannot be upgraded: create a new one."
        )


def _make_read_engine(url: str) -> Engine | None:
    """Make an engine to read a database; None if its file does not exist.

    On SQLite it is read-only, so that it never checkpoints beside a running server.
    """
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
def _exclusive_transaction(url: str) -> Iterator[Connection]:
    """Open a transaction that excludes other migrations.

    It commits as a whole or not at all.
    """
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
            raise SchemaError("The database is in use by another process: stop that process and try again.") from error
        raise


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    # A migration rebuilds a table and drops the old one, which would delete the rows that refer to it.
    # Inside a transaction this pragma has no effect, so it must come before BEGIN.
    connection.execute("PRAGMA foreign_keys = OFF")


def _check_references(connection: Connection) -> None:
    violations = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if violations:
        tables = ", ".join(sorted({row[0] for row in violations}))
        raise SchemaError(f"The migration was rolled back, because it left rows with missing references in {tables}.")


def list_tables(url: str) -> list[str]:
    """Return the names of the tables in a database."""
    engine = _make_read_engine(url)
    if engine is None:
        return []
    with engine.connect() as connection:
        return sorted(inspect(connection).get_table_names())
