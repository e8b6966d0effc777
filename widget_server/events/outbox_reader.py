"""Reading the outbox in an order that cannot skip.

SQLite has one writer at a time, so the AUTOINCREMENT id is the order of commits. On PostgreSQL ids are given out before
the commit, and a long transaction may commit a low id late. There each event bears the number of its transaction; the
position is the pair (xid, id), and nothing is read at or above the oldest transaction that still runs: what appears
later always sorts later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, bindparam, literal, literal_column, select, tuple_

from ..storage.db import table_of
from .models import Event

EVENT = table_of(Event).c
COLUMNS = (
    EVENT.xid,
    EVENT.id,
    EVENT.site_id,
    EVENT.kind,
    EVENT.conversation_id,
    EVENT.segment_id,
    EVENT.subject_id,
    EVENT.vote_id,
    EVENT.version,
    EVENT.created_at,
)
#: Transactions below this are over; the function and the rows are of the same snapshot, as they are of one statement.
OLDEST_RUNNING: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
#: No transaction from here on is over, so rows that bear such a number were written under another count.
NOT_YET: ColumnElement[int] = literal_column("pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
IS_READABLE = EVENT.xid < OLDEST_RUNNING
# Made once: putting a statement together costs more than running it.
AFTER = {
    "sqlite": select(*COLUMNS).where(EVENT.id > bindparam("id")).order_by(EVENT.id).limit(bindparam("most")),
    "postgresql": select(*COLUMNS)
    .where(IS_READABLE, tuple_(EVENT.xid, EVENT.id) > tuple_(bindparam("xid"), bindparam("id")))
    .order_by(EVENT.xid, EVENT.id)
    .limit(bindparam("most")),
}
HEAD = {
    "sqlite": select(literal(0), EVENT.id).order_by(EVENT.id.desc()).limit(1),
    "postgresql": select(EVENT.xid, EVENT.id).where(IS_READABLE).order_by(EVENT.xid.desc(), EVENT.id.desc()).limit(1),
}
HELD_BACK = (
    select(EVENT.id)
    .where(~IS_READABLE, EVENT.xid < NOT_YET, tuple_(EVENT.xid, EVENT.id) > tuple_(bindparam("xid"), bindparam("id")))
    .limit(1)
)
IS_KEPT = select(EVENT.id).where(EVENT.xid == bindparam("xid"), EVENT.id == bindparam("id"))
#: The largest number that either database holds.
MAX_INT64 = 2**63 - 1


@dataclass(frozen=True, order=True)
class Position:
    """A place in the order of events; on SQLite `xid` is always 0."""

    xid: int
    id: int

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Position | None:
        """The position that `str` wrote; None for anything else."""
        xid, dash, number = text.partition("-")
        if not dash or len(text) > 40 or not (is_plain(xid) and is_plain(number)):
            return None
        place = cls(int(xid), int(number))
        return place if max(place.xid, place.id) <= MAX_INT64 else None


START = Position(0, 0)


@dataclass(frozen=True)
class Change:
    """One event as its followers see it."""

    position: Position
    site_id: UUID
    kind: str
    conversation_id: UUID | None
    segment_id: UUID | None
    subject_id: UUID | None
    vote_id: UUID | None
    version: int
    created_at: datetime


def changes_after(connection: Connection, position: Position, limit: int = 1000) -> list[Change]:
    """The next events, oldest first. Fewer than `limit` means that there is no more to be read at present."""
    values = {"xid": position.xid, "id": position.id, "most": limit}
    if connection.dialect.name != "postgresql":
        del values["xid"]
    return [to_change(row) for row in connection.execute(AFTER[connection.dialect.name], values)]


def is_held_back(connection: Connection, position: Position) -> bool:
    """Whether committed events stand behind a transaction that still runs: they can be read when that one ends."""
    if connection.dialect.name != "postgresql":
        return False
    return connection.execute(HELD_BACK, {"xid": position.xid, "id": position.id}).first() is not None


def is_kept(connection: Connection, position: Position) -> bool:
    """Whether the event of a position is there. It is not when it was dropped, or told of by another database."""
    if position == START:
        return True
    return connection.execute(IS_KEPT, {"xid": position.xid, "id": position.id}).first() is not None


def head(connection: Connection) -> Position:
    """Where a follower starts who wants only what comes from now on."""
    row = connection.execute(HEAD[connection.dialect.name]).first()
    return Position(row[0], row[1]) if row else START


def to_change(
    row: Row[int, int, UUID, str, UUID | None, UUID | None, UUID | None, UUID | None, int, datetime],
) -> Change:
    return Change(Position(row[0], row[1]), *row[2:])


def is_plain(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()
