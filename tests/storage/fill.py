"""Fill every table with rows that are derived from the tables themselves, so that no new table is missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Uuid,
    func,
    select,
)

from widget_server.storage.column_types import UtcDateTime
from widget_server.storage.db import new_id

ROWS = 3
MOMENT = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
#: Values that the CHECK constraints require, by table; one value, or one for each row.
CHECKED_VALUES: dict[str, dict[str, Any]] = {
    "survey": {"placement": "chat_end"},
    "conversation": {"channel": "chat"},
    "message": {"author": "visitor"},
    "invitation": {"status": "asked", "reason": None},
    # Roles of groups end with a downgrade (test_migrate.py).
    "membership": {"from_groups": False},
    # One target for each vote, of each kind.
    "vote": {
        "segment_id": [..., None, None],
        "invitation_id": [None, ..., None],
        "subject_id": [None, None, ...],
        "voter": [None, None, "v:1"],
    },
}
GENERATED = object()


def fill(connection: Connection, metadata: MetaData) -> None:
    """Insert `ROWS` rows into each table; the n-th of each belongs to the n-th site."""
    rows_by_table: dict[str, list[dict[str, Any]]] = {}
    # The audit log refers to sites without a foreign key, so it comes last.
    for table in sorted(metadata.sorted_tables, key=lambda one: one.name == "audit_entry"):
        rows_by_table[table.name] = [make_row(table, number, rows_by_table) for number in range(ROWS)]
        for values in rows_by_table[table.name]:
            connection.execute(table.insert().values(values))


def make_row(table: Table, number: int, rows_by_table: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    values = {column.name: make_value(column, number, rows_by_table) for column in table.columns}
    for name, required in CHECKED_VALUES.get(table.name, {}).items():
        value = required[number] if isinstance(required, list) else required
        if value is not ...:
            values[name] = value
    return {name: value for name, value in values.items() if value is not GENERATED}


def make_value(column: Column[Any], number: int, rows_by_table: dict[str, list[dict[str, Any]]]) -> Any:
    for key in column.foreign_keys:
        parent = key.column
        return rows_by_table[parent.table.name][number][parent.name]
    if (column.table.name, column.name) == ("audit_entry", "site_id"):
        # It has no foreign key, because the server has entries without a site.
        return rows_by_table["site"][number]["id"]
    if column.table.name == "event" and column.name in ("id", "xid"):
        return GENERATED
    return make_plain_value(column, number)


def make_plain_value(column: Column[Any], number: int) -> Any:
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return MOMENT + timedelta(hours=number)
    if isinstance(kind, Uuid):
        return new_id()
    if isinstance(kind, JSON):
        return [f"{column.name} {number}"]
    if isinstance(kind, Date):
        return date(2026, 3, 3 + number)
    if isinstance(kind, LargeBinary):
        return bytes([number])
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, (Integer, Float)):
        return number
    return f"{column.name} {number}"[: kind.length]  # type: ignore[attr-defined]


def counts(connection: Connection, metadata: MetaData) -> dict[str, int]:
    """Return the number of rows of each table."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def contents(connection: Connection, metadata: MetaData) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of each table, as text in a stable order."""
    return {
        table.name: sorted(tuple(map(str, row)) for row in connection.execute(select(table)))
        for table in metadata.sorted_tables
    }
