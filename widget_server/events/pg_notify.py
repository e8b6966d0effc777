"""Wake the readers of the outbox on PostgreSQL with NOTIFY.

So they need not poll thirty times a second.

A NOTIFY inside a vote's transaction would make all commits wait for one lock of the database. So a process only records
that it published; after the commit a thread sends the NOTIFY on a separate connection, at most once per `PAUSE_SECONDS`
for any number of commits. A lost NOTIFY costs time but no event, because listeners also poll (live/change_source.py).
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
#: How long to wait for the thread at its end; a dead connection may block it for longer.
STOP_TIMEOUT_SECONDS = 1.0
#: The entry in the `info` of a connection that has published since it left the pool.
PUBLISHED = "tilfreds_published"


def mark_published(connection: Connection) -> None:
    """Mark that a connection published.

    The NOTIFY follows when the connection returns to the pool.
    """
    connection.info[PUBLISHED] = True


def open_detached_connection(engine: Engine) -> Connection:
    """Open a connection outside the pool, on which each statement is a transaction."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    return connection


def close_quietly(connection: Connection) -> None:
    """Close a connection that may already be broken."""
    with contextlib.suppress(SQLAlchemyError):
        connection.close()


class Notifier:
    """The sender of NOTIFY for one engine.

    It is a thread that starts with the first event and ends with the engine.
    """

    def __init__(self, engine: Engine, direct: Engine | None = None) -> None:
        #: Past a pooler, because this connection changes a setting of its session.
        self.direct = direct or engine
        self.wake_event = threading.Event()
        self.thread: threading.Thread | None = None
        self.start_lock = threading.Lock()
        event.listen(engine, "checkin", self.on_checkin)
        event.listen(engine, "engine_disposed", self.on_disposed)

    def on_checkin(self, _driver: Any, record: Any) -> None:
        """Wake the thread when a connection that published returns to the pool.

        Its transaction has ended by then.
        """
        if record.info.pop(PUBLISHED, False):
            self.wake()

    def wake(self) -> None:
        """Have the thread send a NOTIFY; start the thread if there is none."""
        self.wake_event.set()
        if self.thread is None:
            with self.start_lock:
                if self.thread is None:
                    self.thread = threading.Thread(target=self.run, name="notifier", daemon=True)
                    self.thread.start()

    def on_disposed(self, _engine: Engine) -> None:
        """End the thread.

        A restore, for example, waits until no connection is open.
        """
        thread, self.thread = self.thread, None
        self.wake_event.set()
        if thread is not None:
            thread.join(STOP_TIMEOUT_SECONDS)

    def run(self) -> None:
        connection: Connection | None = None
        while self.wake_event.wait() and self.thread is threading.current_thread():
            self.wake_event.clear()
            connection = self.send_notify(connection)
            time.sleep(PAUSE_SECONDS)
        if connection is not None:
            close_quietly(connection)

    def send_notify(self, connection: Connection | None) -> Connection | None:
        """Send one NOTIFY, on a new connection if the old one is dead.

        Return the connection that is usable, if any.
        """
        for _ in range(2):
            try:
                if connection is None:
                    connection = open_detached_connection(self.direct)
                    # A NOTIFY need not be flushed to disk.
                    connection.exec_driver_sql("SET synchronous_commit = off")
                connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                return connection
            except SQLAlchemyError as error:
                log.warning("events: NOTIFY failed: %s", type(error).__name__)
                if connection is not None:
                    close_quietly(connection)
                connection = None
        return None


class Listener:
    """The receiver of NOTIFY: a connection that LISTENs and can be waited on."""

    def __init__(self, engine: Engine) -> None:
        self.driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self.connection = open_detached_connection(engine)
        try:
            self.connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        except SQLAlchemyError:
            self.close()
            raise
        self.driver: Any = self.connection.connection.dbapi_connection

    @property
    def file_descriptor(self) -> int:
        return int(self.driver.fileno())

    def receive(self) -> bool:
        """Return whether a NOTIFY has arrived, without waiting.

        Raises:
            OSError: the connection is closed.
        """
        try:
            self.driver.pgconn.consume_input()
        except self.driver_error as error:
            raise OSError("the listening connection is closed") from error
        notifications = iter(self.driver.pgconn.notifies, None)
        return sum(1 for _ in notifications) > 0

    def close(self) -> None:
        close_quietly(self.connection)
