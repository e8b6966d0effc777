"""Indexes of lists: a column of a filter, the column by which the list is ordered, and the id of the row.

So the database reads the first page of a filtered list from the index, however large the site is, and does not need
statistics to choose it. The id lets it compare the places of two indexes without loading the rows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, SQLColumnExpression, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import Grouping


class Unindexed(Grouping[Any]):
    """An expression that SQLite evaluates without looking for an index.

    Without statistics it estimates ten rows for a site, and reads all in an index's order rather than sort a few.
    """

    inherit_cache = True

    def __init__(self, expression: SQLColumnExpression[Any]) -> None:
        super().__init__(expression)  # type: ignore[arg-type]


@compiles(Unindexed)
def compile_unindexed(element: Unindexed, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.element, **options)})"


@compiles(Unindexed, "sqlite")
def compile_unindexed_for_sqlite(element: Unindexed, compiler: Any, **options: Any) -> str:
    return f"+({compiler.process(element.element, **options)})"


def listed_index(name: str, *columns: str, where: str | None = None, sqlite_where: str | None = None) -> Index:
    """Return an index for a list with a filter, whose last columns are the order of the list and the id of the row.

    SQLite uses a partial index only for a query whose condition has the same words.
    """
    options: dict[str, Any] = (
        {"sqlite_where": text(sqlite_where or where), "postgresql_where": text(where)} if where is not None else {}
    )
    return Index(name, "site_id", *columns, **options)


def index_if_set(table: str, column: str, order: str) -> Index:
    """Return an index for a list with a filter on a column that is often empty."""
    return listed_index(f"ix_{table}_{column}", column, order, "id", where=f"{column} is not null")


def index_if_true(name: str, column: str, order: str) -> Index:
    """Return an index for a list of the rows in which a column is true."""
    return listed_index(name, order, "id", where=f"{column} is true", sqlite_where=f"{column} is 1")
