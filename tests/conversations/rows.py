"""Stored rows, and the counters stored with them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import Table, func, select

from widget_server.ratings.recount import differences, stored_counters
from widget_server.storage.db import db
from widget_server.storage.engines import Engines


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
    """Return (table, key, stored, recounted) of every counter that differs from its rows."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return differences(connection)


def counts(app: Flask) -> dict[str, Any]:
    """Return every stored counter that is not zero."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return dict(stored_counters(connection))
