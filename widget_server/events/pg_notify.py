"""Waking who follows the outbox on PostgreSQL, so that nobody has to ask it thirty times a second.

A NOTIFY in a vote's own transaction would make all commits wait for one lock of the database. So a process only notes
that it published; once the commit is done a thread sends the NOTIFY on a connection of its own, at most one in
`PAUSE_SECONDS` however many commits there were. A NOTIFY that is lost costs time and no event: who listens also looks
by themselves (live/change_source.py).
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger("tilfreds.events")

CHANNEL = "tilfreds_event"
PAUSE_SECONDS = 0.015
#: What it may take to close a connection; a dead one is not waited for.
END_SECONDS = 1.0
#: Stands in the notes of a connection that published since it was taken out of the pool.
NOTE = "tilfreds_published"


def note(connection: Connection) -> None:
    """Remember that this connection published; it is told on when the pool has the connection back."""
    connection.info[NOTE] = True


def own_connection(engine: Engine) -> Connection:
    """A connection that leaves the pool for good, and whose every statement is a transaction."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    return connection


def give_up(connection: Connection) -> None:
    """Close a connection that may be broken already."""
    with contextlib.suppress(SQLAlchemyError):
        connection.close()


class Notifier:
    """The sending side, one for each engine: a thread that begins with the first event and ends with the engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.poked = threading.Event()
        self.thread: threading.Thread | None = None
        self.starting = threading.Lock()
        event.listen(engine, "checkin", self.on_checkin)
        event.listen(engine, "engine_disposed", self.on_disposed)

    def on_checkin(self, _driver: Any, record: Any) -> None:
        """The pool has a connection back: its transaction is over, so what it published can be read."""
        if record.info.pop(NOTE, False):
            self.poke()

    def poke(self) -> None:
        self.poked.set()
        if self.thread is None:
            with self.starting:
                if self.thread is None:
                    self.thread = threading.Thread(target=self.run, name="notifier", daemon=True)
                    self.thread.start()

    def on_disposed(self, _engine: Engine) -> None:
        """Nothing stays connected: a restore, say, waits for a database that nobody uses."""
        thread, self.thread = self.thread, None
        self.poked.set()
        if thread is not None:
            thread.join(END_SECONDS)

    def run(self) -> None:
        connection: Connection | None = None
        while self.poked.wait() and self.thread is threading.current_thread():
            self.poked.clear()
            connection = self.tell(connection)
            time.sleep(PAUSE_SECONDS)
        if connection is not None:
            give_up(connection)

    def tell(self, connection: Connection | None) -> Connection | None:
        """Send one NOTIFY; on a fresh connection when the old one turns out to be dead."""
        for _ in range(2):
            try:
                if connection is None:
                    connection = own_connection(self.engine)
                    # Nobody waits for a NOTIFY to be on the disk.
                    connection.exec_driver_sql("SET synchronous_commit = off")
                connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                return connection
            except SQLAlchemyError as error:
                log.warning("events: no NOTIFY could be sent: %s", type(error).__name__)
                if connection is not None:
                    give_up(connection)
                connection = None
        return None


class Listener:
    """The hearing side: a connection that LISTENs, to be waited for by its file number."""

    def __init__(self, engine: Engine) -> None:
        self.broken: type[Exception] = engine.dialect.loaded_dbapi.Error
        self.connection = own_connection(engine)
        try:
            self.connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        except SQLAlchemyError:
            self.close()
            raise
        self.driver: Any = self.connection.connection.dbapi_connection

    @property
    def number(self) -> int:
        return int(self.driver.fileno())

    def heard(self) -> bool:
        """Take what has arrived, without waiting. OSError when the connection is gone."""
        try:
            self.driver.pgconn.consume_input()
        except self.broken as error:
            raise OSError("the connection that listens is gone") from error
        notes = iter(self.driver.pgconn.notifies, None)
        return sum(1 for _ in notes) > 0

    def close(self) -> None:
        give_up(self.connection)
