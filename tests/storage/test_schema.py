"""The migrated schema equals the models, on both databases."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, inspect, text

from tests.databases import ON_BOTH
from tests.storage.models import metadata
from widget_server.storage.engines import make_unpooled_engine

pytestmark = ON_BOTH


def connect(url: str) -> Connection:
    return make_unpooled_engine(url).connect()


def test_models_and_migrated_schema_are_the_same(database_url: str) -> None:
    with connect(database_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, metadata) == []


def test_models_and_migrated_schema_have_the_same_checks(database_url: str) -> None:
    """Alembic's comparison does not look at CHECK constraints."""
    with connect(database_url) as connection:
        inspector = inspect(connection)
        database_checks = {name: names_of(inspector.get_check_constraints(name)) for name in metadata.tables}
    model_checks = {
        name: {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        for name, table in metadata.tables.items()
    }
    assert database_checks == model_checks
    assert any(model_checks.values())


def names_of(constraints: Any) -> set[str]:
    return {constraint["name"] for constraint in constraints}


def test_event_ids_are_never_reused(database_url: str) -> None:
    """A consumer's position must never name a later row, so no id is used twice, even after the newest is deleted."""
    with connect(database_url) as connection:
        if connection.dialect.name == "sqlite":
            table_sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'event'")).scalar_one()
            assert "AUTOINCREMENT" in table_sql
        else:
            assert connection.execute(text("SELECT pg_get_serial_sequence('event', 'id')")).scalar_one()


def test_an_event_stores_the_id_of_its_transaction(database_url: str) -> None:
    with connect(database_url) as connection:
        columns = {column["name"]: column for column in inspect(connection).get_columns("event")}
        default = columns["xid"]["default"]
        assert default is not None
        if connection.dialect.name == "sqlite":
            assert default.strip("'") == "0"
        else:
            assert "pg_current_xact_id()" in default
