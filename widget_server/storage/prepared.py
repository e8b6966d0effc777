"""Statements of SQLAlchemy Core that are compiled once and run on the driver's own cursor.

For the path of a vote only, where preparing a statement costs several times what running it does. Values go through the
same type processors as ever; errors are SQLAlchemy's own.
"""

from __future__ import annotations

import contextlib
from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Dialect, event
from sqlalchemy.orm import Session, scoped_session

Processor = Callable[[Any], Any] | None
#: What a statement may run in.
Transaction = Connection | Session | scoped_session[Any]
#: The option of a connection that keeps what `first_once` found, until its transaction ends.
FOUND = "prepared_found"
#: The option of a connection that holds an entry for each statement that was no SELECT.
WRITTEN = "prepared_written"


def connection_of(transaction: Transaction) -> Connection:
    """The connection of a transaction: itself, or the one that the session holds."""
    return transaction if isinstance(transaction, Connection) else transaction.connection()


def remember(connection: Connection) -> None:
    """From now on `first_once` asks once: for a transaction that alone may write, in which several do their work."""
    connection.execution_options(**{FOUND: {}})


def count_writes(connection: Connection) -> Callable[[], int]:
    """A function that tells how much this connection wrote from now on: rows on SQLite, statements on PostgreSQL, whose
    answers are not there yet while they wait in a pipeline.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return lambda: driver.total_changes
    written: list[None] = []
    connection.execution_options(**{WRITTEN: written})

    def note(*about: Any) -> None:
        compiled = about[4].compiled
        if compiled is None or not compiled.statement.is_select:
            written.append(None)

    event.listen(connection, "before_cursor_execute", note)
    return written.__len__


class Prepared:
    """A statement for both databases. `first` gives the first row or None, `run` nothing."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, transaction: Transaction, values: dict[str, Any]) -> None:
        """Execute in the transaction of a Core connection or of the session."""
        self._execute(transaction, values, wants_row=False)

    def first(self, transaction: Transaction, values: dict[str, Any]) -> Any | None:
        """The first row, with its columns as attributes."""
        return self._execute(transaction, values, wants_row=True)

    def first_once(self, transaction: Transaction, values: dict[str, Any]) -> Any | None:
        """As `first`, for a row that the transaction itself does not change, though it may make it; see `remember`."""
        found = connection_of(transaction).get_execution_options().get(FOUND)
        if found is None:
            return self.first(transaction, values)
        key = (self, *values.values())
        if found.get(key) is None:
            found[key] = self.first(transaction, values)
        return found[key]

    def _execute(self, transaction: Transaction, values: dict[str, Any], *, wants_row: bool) -> Any | None:
        connection = connection_of(transaction)
        if not connection.in_transaction():
            # The driver's cursor goes past SQLAlchemy, which would begin by itself with its own statements.
            connection.begin()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self.statement, dialect)
        driver: Any = connection.connection.driver_connection
        if not self.statement.is_select:
            connection.get_execution_options().get(WRITTEN, []).append(None)
        cursor = driver.cursor()
        try:
            cursor.execute(compiled.text, compiled.bind(values))
            row = cursor.fetchone() if wants_row else None
            found = None if row is None else compiled.row(row, cursor)
        except compiled.error_type as error:
            # As for its own statements: the error is translated, and a connection that is of no more use thrown away,
            # its cursor with it: closing that once more would be an error that hides this one.
            connection._handle_dbapi_exception(error, compiled.text, None, cursor, None)
        cursor.close()
        return found


@contextlib.contextmanager
def pipelined(connection: Connection, lock_ms: int | None = None) -> Iterator[None]:
    """Run a whole transaction with as few round trips to PostgreSQL as it has questions: what it writes goes out with
    the next question, BEGIN with the first and COMMIT with the last writes, so that rows in which many count are not
    locked for a moment longer. On SQLite it does nothing.

    Statements of SQLAlchemy's own are answered at once, as it does not know of pipelines. What goes wrong with a write
    is raised by a later statement, or at the end at the latest. A row that somebody else holds is waited for `lock_ms`
    long, where that is given.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    error_type: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline() as pipeline:
            event.listen(connection, "after_cursor_execute", lambda *about: pipeline.sync())
            if lock_ms is not None:
                driver.execute(f"SET LOCAL lock_timeout = {lock_ms}")
            yield
            driver.execute("COMMIT")
    except error_type as error:
        connection._handle_dbapi_exception(error, None, None, None, None)


class _Compiled:
    """The text of a statement for one database, and what its values pass through on the way in and out."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        names = compiled.positiontup if compiled.positiontup is not None else list(compiled.binds)
        self.positional = compiled.positiontup is not None
        self.error_type: Any = dialect.loaded_dbapi.Error
        self.names = names
        #: What the statement itself holds, such as a limit.
        self.fixed = {name: compiled.binds[name].value for name in names if not compiled.binds[name].required}
        processors = [(name, _input(compiled.binds[name], dialect)) for name in names]
        self.inputs = [(at, process) for at, (_, process) in enumerate(processors) if process is not None]
        columns = list(getattr(statement, "selected_columns", []))
        self.columns, self.dialect = columns, dialect
        #: Known with the first answer: it depends on what the driver calls each column's type.
        self.outputs: list[Processor] = []
        row: Any = namedtuple("Row", [column.name for column in columns])  # type: ignore[misc]
        self.make = row._make

    def bind(self, values: dict[str, Any]) -> Any:
        """What the driver is given. None is null in every type that we have, so no processor is asked about it."""
        if self.fixed:
            values = {**self.fixed, **values}
        bound = [values.get(name) for name in self.names]
        for at, process in self.inputs:
            if bound[at] is not None:
                bound[at] = process(bound[at])
        return bound if self.positional else dict(zip(self.names, bound, strict=True))

    def row(self, row: Any, cursor: Any) -> Any:
        if not self.outputs:
            kinds = [described[1] for described in cursor.description]
            pairs_of = zip(self.columns, kinds, strict=True)
            self.outputs = [_output(column, self.dialect, kind) for column, kind in pairs_of]
        pairs = zip(self.outputs, row, strict=True)
        return self.make(value if process is None else process(value) for process, value in pairs)


def _input(bind: Any, dialect: Dialect) -> Processor:
    processor: Processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return processor


def _output(column: Any, dialect: Dialect, kind: Any) -> Processor:
    processor: Processor = column.type.dialect_impl(dialect).result_processor(dialect, kind)
    return processor
