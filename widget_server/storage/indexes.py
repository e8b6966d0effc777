"""Indexes of lists: a column of a filter, then the column by which the list is ordered.

So the database reads the first page of a filtered list from the index, however large the site is, and does not need
statistics to choose it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, text


def listed_index(name: str, *columns: str, where: str | None = None, sqlite_where: str | None = None) -> Index:
    """Return an index for a list with a filter, whose last columns are in the order of the list.

    SQLite uses a partial index only for a query whose condition has the same words.
    """
    options: dict[str, Any] = (
        {"sqlite_where": text(sqlite_where or where), "postgresql_where": text(where)} if where is not None else {}
    )
    return Index(name, "site_id", *columns, **options)


def index_if_set(table: str, column: str, order: str) -> Index:
    """Return an index for a list with a filter on a column that is often empty."""
    return listed_index(f"ix_{table}_{column}", column, order, where=f"{column} is not null")


def index_if_true(name: str, column: str, order: str) -> Index:
    """Return an index for a list of the rows in which a column is true."""
    return listed_index(name, order, where=f"{column} is true", sqlite_where=f"{column} is 1")
