"""Rows in every table, made from the tables themselves, so that a new table cannot be forgotten."""

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

from widget_server.storage.db import UtcDateTime, new_id

ROWS = 3
MOMENT = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
#: What the CHECK constraints ask for, by table; one value, or one for each row.
CHECKED: dict[str, dict[str, Any]] = {
    "survey": {"placement": "chat_end"},
    "conversation": {"channel": "chat"},
    "message": {"author": "visitor"},
    "invitation": {"status": "asked", "reason": None},
    # One target for each vote, of each kind.
    "vote": {
        "segment_id": [..., None, None],
        "invitation_id": [None, ..., None],
        "subject_id": [None, None, ...],
        "voter": [None, None, "v:1"],
    },
}
FILLED = object()


def fill(connection: Connection, metadata: MetaData) -> None:
    """Insert `ROWS` rows into each table; the n-th of each belongs to the n-th site."""
    made: dict[str, list[dict[str, Any]]] = {}
    for table in metadata.sorted_tables:
        made[table.name] = [row(table, number, made) for number in range(ROWS)]
        for values in made[table.name]:
            connection.execute(table.insert().values(values))


def row(table: Table, number: int, made: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    values = {column.name: value_for(column, number, made) for column in table.columns}
    for name, wanted in CHECKED.get(table.name, {}).items():
        chosen = wanted[number] if isinstance(wanted, list) else wanted
        if chosen is not ...:
            values[name] = chosen
    return {name: value for name, value in values.items() if value is not FILLED}


def value_for(column: Column[Any], number: int, made: dict[str, list[dict[str, Any]]]) -> Any:
    for key in column.foreign_keys:
        parent = key.column
        return made[parent.table.name][number][parent.name]
    if column.table.name == "event" and column.name in ("id", "xid"):
        return FILLED
    return plain_value(column, number)


def plain_value(column: Column[Any], number: int) -> Any:
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
    """How many rows each table has."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def contents(connection: Connection, metadata: MetaData) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as text in a stable order."""
    return {
        table.name: sorted(tuple(map(str, found)) for found in connection.execute(select(table)))
        for table in metadata.sorted_tables
    }
