"""The rows behind the answers, and the counts kept with them."""

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
    """The rows of a table in the order of its key, which is that of their making where the key is an id."""
    wanted = table(name)
    engines: Engines = app.extensions["tilfreds_engines"]
    statement = select(wanted).order_by(*wanted.primary_key)
    for column, value in equal.items():
        statement = statement.where(wanted.c[column] == value)
    with engines.read.connect() as connection:
        return list(connection.execute(statement))


def count(app: Flask, name: str) -> int:
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return connection.execute(select(func.count()).select_from(table(name))).scalar_one()


def wrong_counts(app: Flask) -> list[Any]:
    """(table, key, kept, recounted) of every counter that is not what its rows say."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return differences(connection)


def counts(app: Flask) -> dict[str, Any]:
    """Every kept counter that is not zero."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return dict(stored_counters(connection))
