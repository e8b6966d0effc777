"""The outbox: a row for each event, written in the transaction that causes it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Model

BigKey = BigInteger().with_variant(Integer, "sqlite")


class Event(Model):
    """An event of the outbox: ids only, never a visitor's text.

    A consumer reads the rows themselves, so that its access rights apply.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_xid_id", "xid", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    #: The id of the writing transaction on PostgreSQL; 0 on SQLite, where event ids are already in commit order.
    xid: Mapped[int] = mapped_column(BigInteger, nullable=False, server_default=text("0"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(40), nullable=False)
    conversation_id: Mapped[UUID | None]
    segment_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    vote_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1)
    created_at: Mapped[datetime]


class EventConsumer(Model):
    """The position of one consumer in the outbox.

    Events stay until every consumer has passed them.
    """

    __tablename__ = "event_consumer"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: The position of the last event that it consumed.
    xid: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[int] = mapped_column(BigInteger)
    moved_at: Mapped[datetime]
