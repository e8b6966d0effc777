"""Read the outbox in an order that cannot skip an event.

SQLite has one writer at a time, so the AUTOINCREMENT id is in commit order. PostgreSQL assigns ids before commit, so a
long transaction may commit a low id late. There each event has the id of its transaction and a position is the pair
(xid, id). Events at or above the oldest running transaction are not read yet, so a later event always sorts later.
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
#: All transactions below this id have ended. The function and the rows use one snapshot, as they are in one statement.
OLDEST_RUNNING: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
#: The next transaction id. Rows with this id or a higher one were written in another cluster, before a restore.
NEXT_TRANSACTION: ColumnElement[int] = literal_column("pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
IS_READABLE = EVENT.xid < OLDEST_RUNNING
# Built once, because building a statement costs more than running it.
AFTER = {
    "sqlite": select(*COLUMNS).where(EVENT.id > bindparam("id")).order_by(EVENT.id).limit(bindparam("most")),
    "postgresql": select(*COLUMNS)
    .where(IS_READABLE, tuple_(EVENT.xid, EVENT.id) > tuple_(bindparam("xid"), bindparam("id")))
    .order_by(EVENT.xid, EVENT.id)
    .limit(bindparam("most")),
}
NEWEST = {
    "sqlite": select(literal(0), EVENT.id).order_by(EVENT.id.desc()).limit(1),
    "postgresql": select(EVENT.xid, EVENT.id).where(IS_READABLE).order_by(EVENT.xid.desc(), EVENT.id.desc()).limit(1),
}
HELD_BACK_EVENT = (
    select(EVENT.id)
    .where(~IS_READABLE, EVENT.xid < NEXT_TRANSACTION)
    .where(tuple_(EVENT.xid, EVENT.id) > tuple_(bindparam("xid"), bindparam("id")))
    .limit(1)
)
KEPT_EVENT = select(EVENT.id).where(EVENT.xid == bindparam("xid"), EVENT.id == bindparam("id"))
#: The largest integer of both databases.
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
        """Parse the result of `str`; None for any other text."""
        xid, dash, number = text.partition("-")
        if not dash or len(text) > 40 or not (_is_decimal(xid) and _is_decimal(number)):
            return None
        position = cls(int(xid), int(number))
        return position if max(position.xid, position.id) <= MAX_INT64 else None


START = Position(0, 0)


@dataclass(frozen=True)
class Change:
    """An event as its readers receive it."""

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
    """Return the next events, oldest first.

    Fewer than `limit` means that there are no more at present.
    """
    values = {"xid": position.xid, "id": position.id, "most": limit}
    if connection.dialect.name != "postgresql":
        del values["xid"]
    return [to_change(row) for row in connection.execute(AFTER[connection.dialect.name], values)]


def is_held_back(connection: Connection, position: Position) -> bool:
    """Return whether committed events wait for a running transaction.

    They can be read once it ends.
    """
    if connection.dialect.name != "postgresql":
        return False
    return connection.execute(HELD_BACK_EVENT, {"xid": position.xid, "id": position.id}).first() is not None


def is_kept(connection: Connection, position: Position) -> bool:
    """Return whether the event of a position exists.

    If it does not, it was deleted or is from another database.
    """
    if position == START:
        return True
    return connection.execute(KEPT_EVENT, {"xid": position.xid, "id": position.id}).first() is not None


def find_newest_position(connection: Connection) -> Position:
    """Return the position from which a reader gets only events from now on."""
    row = connection.execute(NEWEST[connection.dialect.name]).first()
    return Position(row[0], row[1]) if row else START


def to_change(
    row: Row[int, int, UUID, str, UUID | None, UUID | None, UUID | None, UUID | None, int, datetime],
) -> Change:
    return Change(Position(row[0], row[1]), *row[2:])


def _is_decimal(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()
