"""How the live process learns that the outbox may have grown: SQLite is looked at, PostgreSQL says so."""

from __future__ import annotations

from typing import Any

import gevent
from gevent import socket
from sqlalchemy import Engine

from ..events.pg_notify import Listener

#: SQLite tells by a pragma whether anything was written, so looking often costs nothing.
SQLITE_SECONDS = 0.01
#: How late an event is at most whose NOTIFY was lost.
NET_SECONDS = 1.0
#: The next look at events that stand behind a transaction which still runs.
HELD_SECONDS = 0.02


class SqliteWatch:
    """SQLite's counter of commits, seen by a connection that stays open."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.connection: Any = None
        self.seen: int | None = None

    def wait(self, is_held: bool) -> bool:
        """Pause, then say whether it is worth reading. `is_held`: something is there that could not be read yet."""
        gevent.sleep(SQLITE_SECONDS)
        if self.connection is None:
            self.connection, self.seen = self.engine.raw_connection(), None
        # No transaction is left open by this, so a checkpoint never waits for it.
        version = self.connection.execute("PRAGMA data_version").fetchone()[0]
        changed = is_held or version != self.seen
        self.seen = version
        return changed

    def adapt(self, has_found: bool) -> None:
        """Do nothing: a file has no connection that may be dead."""

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class PostgresWatch:
    """PostgreSQL's NOTIFY (see events/pg_notify.py), with a look now and then in case that one was lost."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.listener: Listener | None = None
        self.was_told = True

    def wait(self, is_held: bool) -> bool:
        if self.listener is None:
            self.listener = Listener(self.engine)
            # What came before somebody listened is read now.
            return True
        self.was_told = True
        seconds = HELD_SECONDS if is_held else NET_SECONDS
        try:
            # Not by the driver, which would hold up every stream where gevent has not replaced its way of waiting.
            socket.wait_read(self.listener.file_descriptor, timeout=seconds)
        except TimeoutError:
            self.was_told = is_held
            return True
        return self.listener.receive()

    def adapt(self, has_found: bool) -> None:
        """What was found and not told of may mean that the connection which listens is dead: the next is a new one."""
        if has_found and not self.was_told:
            self.close()

    def close(self) -> None:
        if self.listener is not None:
            self.listener.close()
        self.listener = None
