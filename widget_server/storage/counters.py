"""Counter rows, changed by one statement that cannot race on either database.

Votes that are committed together mostly change the same few rows, and other transactions wait for those rows. So the
commit of a batch defers the changes and writes each row once, at its end.
"""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Connection, Table, bindparam
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .prepared import Prepared, Transaction, connection_of

#: The option of a connection that holds its deferred changes.
DEFERRED = "deferred_counts"
Changes = dict[tuple[Table, str, tuple[tuple[str, Any], ...]], int]


def add_to_count(transaction: Transaction, table: Table, key: dict[str, Any], delta: int, column: str = "n") -> None:
    """Add `delta` to a counter row, which is created if it does not exist.

    `transaction` is a Core connection or an ORM session; `key` holds the primary key.
    """
    connection = connection_of(transaction)
    deferred_changes: Changes | None = connection.get_execution_options().get(DEFERRED)
    if deferred_changes is None:
        _add(connection, table, key, delta, column)
        return
    row = (table, column, tuple(key.items()))
    deferred_changes[row] = deferred_changes.get(row, 0) + delta


def defer_counts(connection: Connection) -> None:
    """Defer the changes of this connection until `write_deferred_counts`."""
    connection.execution_options(**{DEFERRED: {}})


def write_deferred_counts(connection: Connection) -> None:
    """Write the deferred changes.

    They are ordered by table and key, so that two transactions cannot deadlock.
    """
    deferred_changes: Changes = connection.get_execution_options()[DEFERRED]
    for (table, column, key), delta in sorted(deferred_changes.items(), key=_sort_key):
        if delta:
            _add(connection, table, dict(key), delta, column)


def _sort_key(change: tuple[tuple[Table, str, tuple[tuple[str, Any], ...]], int]) -> tuple[str, str, str]:
    (table, column, key), _ = change
    return table.name, column, str(key)


def _add(connection: Connection, table: Table, key: dict[str, Any], delta: int, column: str) -> None:
    other_counts = {c.name: 0 for c in table.columns if c.name not in key}
    _make_upsert(table, column, connection.dialect.name).run(connection, {**key, **other_counts, column: delta})


@functools.cache
def _make_upsert(table: Table, column: str, dialect: str) -> Prepared:
    """Return the statement that adds to a counter.

    It is cached, as building it costs more than running it.
    """
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    statement = insert(table).values({c.name: bindparam(c.name, type_=c.type) for c in table.columns}).inline()
    new_count = table.c[column] + statement.excluded[column]
    primary_key = list(table.primary_key)
    return Prepared(statement.on_conflict_do_update(index_elements=primary_key, set_={column: new_count}))
