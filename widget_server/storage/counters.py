"""Counter rows: added to by one statement that cannot race on either database.

Votes that are committed together mostly count in the same few rows, so their commit keeps the changes back and writes
each row once, last, as others wait for it.
"""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Connection, Table, bindparam
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .prepared import Prepared, Transaction, connection_of

#: The option of a connection that keeps its changes back, and what it keeps.
KEPT_BACK = "counts_kept_back"
Changes = dict[tuple[Table, str, tuple[tuple[str, Any], ...]], int]


def add_to_count(transaction: Transaction, table: Table, key: dict[str, Any], delta: int, column: str = "n") -> None:
    """Add `delta` to a counter row, making it when it is not there.

    `transaction` is a Core connection or an ORM session; `key` holds the primary key.
    """
    connection = connection_of(transaction)
    kept: Changes | None = connection.get_execution_options().get(KEPT_BACK)
    if kept is None:
        _add(connection, table, key, delta, column)
        return
    row = (table, column, tuple(key.items()))
    kept[row] = kept.get(row, 0) + delta


def keep_back(connection: Connection) -> None:
    """From now on nothing is counted before `write_kept`."""
    connection.execution_options(**{KEPT_BACK: {}})


def write_kept(connection: Connection) -> None:
    """Count what was kept back. By table and key, so that two transactions never wait for each other in a circle."""
    kept: Changes = connection.get_execution_options()[KEPT_BACK]
    for (table, column, key), delta in sorted(kept.items(), key=_place):
        if delta:
            _add(connection, table, dict(key), delta, column)


def _place(change: tuple[tuple[Table, str, tuple[tuple[str, Any], ...]], int]) -> tuple[str, str, str]:
    (table, column, key), _ = change
    return table.name, column, str(key)


def _add(connection: Connection, table: Table, key: dict[str, Any], delta: int, column: str) -> None:
    others = {c.name: 0 for c in table.columns if c.name not in key}
    _counting(table, column, connection.dialect.name).run(connection, {**key, **others, column: delta})


@functools.cache
def _counting(table: Table, column: str, dialect: str) -> Prepared:
    """The statement that counts; building it costs more than running it."""
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    statement = insert(table).values({c.name: bindparam(c.name, type_=c.type) for c in table.columns}).inline()
    added = table.c[column] + statement.excluded[column]
    primary_key = list(table.primary_key)
    return Prepared(statement.on_conflict_do_update(index_elements=primary_key, set_={column: added}))
