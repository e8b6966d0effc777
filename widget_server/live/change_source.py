"""Detection of new events in the outbox: SQLite is polled, PostgreSQL notifies."""

from __future__ import annotations

from typing import Any

import gevent
from gevent import socket
from sqlalchemy import Engine

from ..events.pg_notify import Listener

#: SQLite's `data_version` pragma shows whether anything was written, so frequent polling is cheap.
SQLITE_POLL_SECONDS = 0.01
#: The maximum delay of an event whose NOTIFY was lost.
MAX_DELAY_SECONDS = 1.0
#: The polling interval for events that are held back by a running transaction.
HELD_BACK_POLL_SECONDS = 0.02


class SqliteWatch:
    """A poll of SQLite's commit counter, on a connection that stays open."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.connection: Any = None
        self.last_version: int | None = None

    def wait(self, is_held: bool) -> bool:
        """Pause, then return whether there may be new events. `is_held`: some events could not be read yet."""
        gevent.sleep(SQLITE_POLL_SECONDS)
        if self.connection is None:
            self.connection, self.last_version = self.engine.raw_connection(), None
        # The pragma leaves no transaction open, so a checkpoint never waits for it.
        version = self.connection.execute("PRAGMA data_version").fetchone()[0]
        has_changed = is_held or version != self.last_version
        self.last_version = version
        return has_changed

    def check_connection(self, has_events: bool) -> None:
        """Do nothing: a file has no connection that can be dead."""

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class PostgresWatch:
    """A listener for PostgreSQL's NOTIFY (see events/pg_notify.py), with a poll in case a notification is lost."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.listener: Listener | None = None
        self.was_notified = True

    def wait(self, is_held: bool) -> bool:
        """Wait for a notification or a timeout, then return whether there may be new events."""
        if self.listener is None:
            self.listener = Listener(self.engine)
            # Events from before the listener connected were not notified, so they are read now.
            return True
        self.was_notified = True
        seconds = HELD_BACK_POLL_SECONDS if is_held else MAX_DELAY_SECONDS
        try:
            # Without the driver's own wait, which would block all streams if gevent has not patched it.
            socket.wait_read(self.listener.file_descriptor, timeout=seconds)
        except TimeoutError:
            self.was_notified = is_held
            return True
        return self.listener.receive()

    def check_connection(self, has_events: bool) -> None:
        """Close the listener if a poll found events without a notification, as its connection may be dead."""
        if has_events and not self.was_notified:
            self.close()

    def close(self) -> None:
        if self.listener is not None:
            self.listener.close()
        self.listener = None
