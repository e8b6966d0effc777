"""Stored rows, and the counters stored with them."""

from __future__ import annotations

import importlib
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Table, func, select

from widget_server.ratings.recount import differences, stored_counters
from widget_server.storage.db import db
from widget_server.storage.engines import Engines, make_unpooled_engine

#: The migration that fills what lists read in place of the rows, and these columns of each table.
LISTS = importlib.import_module("widget_server.migrations.versions.2026_11_30_0025_columns_of_lists")
LISTED = {
    "conversation": "id listed_segment_id sentiment not_asked_reason waiting_until is_recovered is_asked_again",
    "vote": "id kind is_recovered",
    "conversation_agent": "conversation_id agent_id latest_at",
    "credited_vote": "agent_id vote_id first_at",
}
EMPTY_LISTED = (
    "UPDATE conversation SET listed_segment_id = NULL, sentiment = NULL, not_asked_reason = NULL, "
    "waiting_until = NULL, is_recovered = false, is_asked_again = false",
    "UPDATE vote SET kind = 'conversation', is_recovered = false",
    "DELETE FROM conversation_agent",
    "DELETE FROM credited_vote",
)


def table(name: str) -> Table:
    return db.metadatas[None].tables[name]


def rows(app: Flask, name: str, **equal: Any) -> list[Any]:
    """Return the rows of a table in the order of its key, which for an id is the order of creation."""
    table_to_read = table(name)
    engines: Engines = app.extensions["tilfreds_engines"]
    statement = select(table_to_read).order_by(*table_to_read.primary_key)
    for column, value in equal.items():
        statement = statement.where(table_to_read.c[column] == value)
    with engines.read.connect() as connection:
        return list(connection.execute(statement))


def count(app: Flask, name: str) -> int:
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return connection.execute(select(func.count()).select_from(table(name))).scalar_one()


def wrong_counts(app: Flask) -> list[Any]:
    """Return (table, key, stored, recounted) of every counter that differs from its rows.

    Includes what lists read in place of the rows, which differs if the migration would fill it differently.
    """
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        wrong_counters: list[Any] = differences(connection)
    with make_unpooled_engine(app.config["TILFREDS"].database_url).connect() as connection:
        stored = read_listed(connection)
        for statement in (*EMPTY_LISTED, *LISTS.fill_statements(connection.dialect.name)):
            connection.exec_driver_sql(statement)
        derived = read_listed(connection)
        connection.rollback()
    return [*wrong_counters, *(("listed", *pair) for pair in sorted(stored ^ derived, key=str))]


def read_listed(connection: Connection) -> set[tuple[Any, ...]]:
    """Return what lists read in place of the rows."""
    return {
        (name, *row)
        for name, columns in LISTED.items()
        for row in connection.execute(select(*(table(name).c[column] for column in columns.split())))
    }


def counts(app: Flask) -> dict[str, Any]:
    """Return every stored counter that is not zero."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return dict(stored_counters(connection))
