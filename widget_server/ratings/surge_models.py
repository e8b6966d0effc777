"""The hourly counts of anonymous votes, and the surges found in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Model, new_id

IS_PENDING = text("pending_decision is not null")


class SubjectHour(Model):
    """The number of anonymous votes on a subject that arrived in one hour (UTC)."""

    __tablename__ = "subject_hour"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "subject_id"], ["subject.site_id", "subject.id"]),
        Index("ix_subject_hour_hour", "site_id", "hour"),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class Surge(Model):
    """A time span in which a subject got unusually many anonymous votes, which are suspected until a decision."""

    __tablename__ = "surge"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "subject_id"], ["subject.site_id", "subject.id"]),
        UniqueConstraint("site_id", "subject_id", "started_at"),
        Index("ix_surge_started", "site_id", "started_at"),
        Index("ix_surge_pending", "site_id", sqlite_where=IS_PENDING, postgresql_where=IS_PENDING),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subject_id: Mapped[UUID]
    started_at: Mapped[datetime]
    #: The end of its last hour, or the first decision if that was earlier.
    ended_at: Mapped[datetime]
    #: The number of votes in an hour that was exceeded.
    max_votes: Mapped[int] = mapped_column(Integer)
    #: The number of votes that were marked as suspected.
    vote_count: Mapped[int] = mapped_column(Integer, default=0)
    #: excluded or kept; None until a decision.
    decision: Mapped[str | None] = mapped_column(String(10))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(String(500))
    #: When its votes were excluded, by which a later decision finds them.
    excluded_at: Mapped[datetime | None]
    #: The decision while a job still applies it.
    pending_decision: Mapped[str | None] = mapped_column(String(10))

    @property
    def state(self) -> str:
        """Return open, excluded or kept."""
        return self.decision or "open"
