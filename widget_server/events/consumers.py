"""Durable positions of the consumers of the outbox.

A consumer advances its position in the same transaction as its own writes, so a crash cannot come between the two and
each event is consumed once.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, true, tuple_, update

from ..storage.db import table_of
from ..storage.prepared import Transaction, connection_of
from .models import Event, EventConsumer
from .outbox_reader import Position, find_newest_position

CONSUMER = table_of(EventConsumer).c
EVENT = table_of(Event).c


def register(transaction: Transaction, name: str, now: datetime) -> Position:
    """Return the position of a consumer.

    A new consumer starts after the newest event.
    """
    position = position_of(transaction, name)
    if position is not None:
        return position
    position = find_newest_position(connection_of(transaction))
    row = {"name": name, "xid": position.xid, "event_id": position.id, "moved_at": now}
    transaction.execute(insert(EventConsumer).values(row))
    return position


def position_of(transaction: Transaction, name: str) -> Position | None:
    """Return the position of a consumer; None if it is not registered."""
    row = transaction.execute(select(CONSUMER.xid, CONSUMER.event_id).where(CONSUMER.name == name)).first()
    return None if row is None else Position(row.xid, row.event_id)


def lock_position(transaction: Transaction, name: str) -> Position:
    """Return the position of a registered consumer, locked until the transaction ends."""
    query = select(CONSUMER.xid, CONSUMER.event_id).where(CONSUMER.name == name).with_for_update()
    row = transaction.execute(query).one()
    return Position(row.xid, row.event_id)


def advance(transaction: Transaction, name: str, position: Position, now: datetime) -> None:
    """Store that a consumer has consumed every event up to `position`."""
    values = {"xid": position.xid, "event_id": position.id, "moved_at": now}
    transaction.execute(update(EventConsumer).where(CONSUMER.name == name).values(values))


def is_passed(transaction: Transaction) -> ColumnElement[bool]:
    """Return the SQL condition that every consumer has consumed an event."""
    positions = transaction.execute(select(CONSUMER.xid, CONSUMER.event_id)).all()
    if not positions:
        return true()
    xid, number = min(tuple(position) for position in positions)
    return tuple_(EVENT.xid, EVENT.id) <= tuple_(xid, number)
