"""Statements of SQLAlchemy Core, compiled once, on the driver's cursor.

Only the path of a vote uses them: there, compiling a statement costs several times as much as running it. Values pass
through SQLAlchemy's type processors, and errors are SQLAlchemy's errors.
"""

from __future__ import annotations

import contextlib
import functools
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import JSON, Connection, Dialect, event
from sqlalchemy.orm import Session, scoped_session

from .column_types import UtcDateTime

Processor = Callable[[Any], Any] | None
EMPTY_JSON: dict[type, str] = {list: "[]", dict: "{}"}
#: A session of SQLAlchemy, or the scoped one of Flask-SQLAlchemy.
AnySession = Session | scoped_session[FlaskSession]
#: The objects in whose transaction a statement can run.
Transaction = Connection | AnySession
StoredRow = TypeVar("StoredRow")
#: The option of a connection that holds the rows of `first_once` until its transaction ends.
FIRST_ROWS = "prepared_first_rows"
#: The option of a connection that holds an entry for each statement other than SELECT.
WRITES = "prepared_writes"


def connection_of(transaction: Transaction) -> Connection:
    """Return the connection of a transaction.

    It is the transaction itself, or the one that the session holds.
    """
    return transaction if isinstance(transaction, Connection) else transaction.connection()


def cache_first_rows(connection: Connection) -> None:
    """Cache the rows of `first_once` until the transaction ends.

    Only for the single writer of a batch.
    """
    connection.execution_options(**{FIRST_ROWS: {}})


def make_write_counter(connection: Connection) -> Callable[[], int]:
    """Return a function that counts the writes of this connection from now on.

    It counts rows on SQLite. On PostgreSQL it counts statements, because their results are still pending in a pipeline.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return lambda: driver.total_changes
    writes: list[None] = []
    connection.execution_options(**{WRITES: writes})

    def record_write(*event_values: Any) -> None:
        compiled = event_values[4].compiled
        if compiled is None or not compiled.statement.is_select:
            writes.append(None)

    event.listen(connection, "before_cursor_execute", record_write)
    return writes.__len__


class Prepared:
    """A statement for both databases that returns no row."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, transaction: Transaction, values: dict[str, Any]) -> None:
        """Execute in the transaction of a Core connection or of the session."""
        self._execute(transaction, values, wants_row=False)

    def _execute(self, transaction: Transaction, values: dict[str, Any], *, wants_row: bool) -> Any | None:
        connection = connection_of(transaction)
        if not connection.in_transaction():
            # SQLAlchemy begins a transaction with its own statements only; the driver's cursor bypasses it.
            connection.begin()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self.statement, dialect)
        driver: Any = connection.connection.driver_connection
        if not self.statement.is_select:
            connection.get_execution_options().get(WRITES, []).append(None)
        cursor = driver.cursor()
        try:
            cursor.execute(compiled.text, compiled.bind(values))
            driver_row = cursor.fetchone() if wants_row else None
            row = None if driver_row is None else compiled.to_row(driver_row, cursor)
        except compiled.error_type as error:
            # SQLAlchemy translates the error as for its own statements, and discards a broken connection with its
            # cursor. Closing the cursor here would raise a second error that hides this one.
            connection._handle_dbapi_exception(error, compiled.text, None, cursor, None)
        cursor.close()
        return row


class PreparedQuery(Prepared, Generic[StoredRow]):
    """A query for both databases.

    `StoredRow` is the type of its rows, which have the columns as attributes.
    """

    def first(self, transaction: Transaction, values: dict[str, Any]) -> StoredRow | None:
        """Return the first row, or None."""
        row: StoredRow | None = self._execute(transaction, values, wants_row=True)
        return row

    def first_once(self, transaction: Transaction, values: dict[str, Any]) -> StoredRow | None:
        """Return the first row, from the cache of `cache_first_rows` if there is one.

        Only for a row that the transaction does not change; it may insert the row.
        """
        options = connection_of(transaction).get_execution_options()
        first_rows: dict[tuple[object, ...], StoredRow | None] | None = options.get(FIRST_ROWS)
        if first_rows is None:
            return self.first(transaction, values)
        key = (self, *values.values())
        if first_rows.get(key) is None:
            first_rows[key] = self.first(transaction, values)
        return first_rows[key]


@contextlib.contextmanager
def pipelined(connection: Connection, lock_ms: int | None = None) -> Iterator[None]:
    """Run a transaction with one round trip to PostgreSQL for each of its queries.

    On SQLite it does nothing.

    Writes are sent with the next query, BEGIN with the first query and COMMIT with the last writes, so that counter
    rows are locked as briefly as possible. Each statement of SQLAlchemy itself is sent at once, as SQLAlchemy does not
    support pipelines. An error of a write is raised by a later statement, or at the end at the latest. `lock_ms` limits
    how long a statement waits for a locked row.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    error_type: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline() as pipeline:
            event.listen(connection, "after_cursor_execute", lambda *_: pipeline.sync())
            if lock_ms is not None:
                driver.execute(f"SET LOCAL lock_timeout = {lock_ms}")
            yield
            driver.execute("COMMIT")
    except error_type as error:
        connection._handle_dbapi_exception(error, None, None, None, None)


class _Compiled:
    """The text of a statement for one database, with its type processors."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        names = compiled.positiontup if compiled.positiontup is not None else list(compiled.binds)
        self.positional = compiled.positiontup is not None
        self.error_type: Any = dialect.loaded_dbapi.Error
        self.names = names
        #: Values in the statement itself, such as a limit.
        self.constants = {name: compiled.binds[name].value for name in names if not compiled.binds[name].required}
        processors = [(name, find_bind_processor(compiled.binds[name], dialect)) for name in names]
        self.bind_processors = [(at, process) for at, (_, process) in enumerate(processors) if process is not None]
        columns = list(getattr(statement, "selected_columns", []))
        self.columns, self.dialect = columns, dialect
        #: Set with the first row, because they depend on the driver's type code of each column.
        self.result_processors: list[Processor] = []
        row_class: Any = namedtuple("Row", [column.name for column in columns])  # type: ignore[misc]
        self.make_row = row_class._make

    def bind(self, values: dict[str, Any]) -> Any:
        """Return the parameters for the driver.

        None is null in all our types, so it skips the processors.
        """
        if self.constants:
            values = {**self.constants, **values}
        parameters = [values.get(name) for name in self.names]
        for at, process in self.bind_processors:
            if parameters[at] is not None:
                parameters[at] = process(parameters[at])
        return parameters if self.positional else dict(zip(self.names, parameters, strict=True))

    def to_row(self, driver_row: Sequence[Any], cursor: Any) -> Any:
        """Return a row of the driver as a named tuple of Python values."""
        if not self.result_processors:
            type_codes = [description[1] for description in cursor.description]
            typed_columns = zip(self.columns, type_codes, strict=True)
            self.result_processors = [_result_processor(column, self.dialect, code) for column, code in typed_columns]
        pairs = zip(self.result_processors, driver_row, strict=True)
        return self.make_row(value if process is None else process(value) for process, value in pairs)


def find_bind_processor(bind: Any, dialect: Dialect) -> Processor:
    processor: Processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if dialect.name != "sqlite" or processor is None:
        return processor
    if isinstance(bind.type, UtcDateTime):
        return functools.partial(_write_time, processor)
    return functools.partial(_write_json, processor) if isinstance(bind.type, JSON) else processor


def _write_time(processor: Callable[[Any], Any], value: datetime) -> Any:
    """Return a time as SQLite stores it. One in UTC is written without the type's checks, in a third of the time."""
    return value.replace(tzinfo=None).isoformat(" ", "microseconds") if value.tzinfo is UTC else processor(value)


def _write_json(processor: Callable[[Any], Any], value: Any) -> Any:
    """Return JSON as text. Most lists and objects of votes are empty, so their text is known."""
    return processor(value) if value or type(value) not in EMPTY_JSON else EMPTY_JSON[type(value)]


def _result_processor(column: Any, dialect: Dialect, type_code: Any) -> Processor:
    processor: Processor = column.type.dialect_impl(dialect).result_processor(dialect, type_code)
    return processor
