"""The time up to which all changes are committed, so that a list ordered by them skips none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from ..core import clock
from ..storage.prepared import AnySession

#: A change is dated when its request arrives, and is committed after it waited for a lock or a connection.
SETTLING_TIME = timedelta(seconds=15)
#: A transaction that runs for longer, such as the erasure of a large visitor, holds the time back.
_OLDEST_TRANSACTION = text(
    "SELECT min(xact_start) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL"
)


def settled_until(session: AnySession) -> datetime:
    """Return the time before which no change can appear any more."""
    settled_at = clock.now()
    if session.get_bind().dialect.name == "postgresql":
        started_at: datetime | None = session.scalar(_OLDEST_TRANSACTION)
        settled_at = settled_at if started_at is None else min(settled_at, started_at.astimezone(UTC))
    return settled_at - SETTLING_TIME
