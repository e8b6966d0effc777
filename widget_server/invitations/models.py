"""The ledger: one row for each asking and for each decision not to ask."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, new_id

#: asked -> shown -> voted; any of the first two -> dismissed, withdrawn or expired; not_asked never moves.
STATUSES = ("asked", "shown", "voted", "dismissed", "withdrawn", "expired", "not_asked")
#: States in which a press is still awaited.
UNANSWERED = ("asked", "shown", "dismissed")
#: The same for an index and for the query that shall use it: SQLite compares the two word for word.
IS_UNANSWERED = text("status in ('asked', 'shown', 'dismissed')")


class Invitation(Model):
    """An asking with the context frozen at that moment, or the reason why nobody was asked."""

    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "segment_id"], ["segment.site_id", "segment.id"]),
        ForeignKeyConstraint(["site_id", "visitor_id"], ["visitor.site_id", "visitor.id"]),
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
        UniqueConstraint("site_id", "segment_id", "attempt"),
        CheckConstraint(
            "status in ('asked', 'shown', 'voted', 'dismissed', 'withdrawn', 'expired', 'not_asked')", name="status"
        ),
        CheckConstraint("(status = 'not_asked') = (reason is not null)", name="reason"),
        Index("ix_invitation_asked", "site_id", "decided_at"),
        Index("ix_invitation_status", "site_id", "status", "decided_at"),
        # Why nobody was asked.
        Index(
            "ix_invitation_reason",
            "site_id",
            "reason",
            "segment_id",
            sqlite_where=text("reason is not null"),
            postgresql_where=text("reason is not null"),
        ),
        # What a visitor was shown last, for the cooldowns.
        Index("ix_invitation_visitor", "site_id", "visitor_id", "shown_at"),
        Index("ix_invitation_external", "site_id", "external_id", unique=True),
        # Only of those that may still run out of time: an answer takes its row out of it.
        Index(
            "ix_invitation_due",
            "site_id",
            "expires_at",
            sqlite_where=IS_UNANSWERED,
            postgresql_where=IS_UNANSWERED,
        ),
    )

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    segment_id: Mapped[UUID | None]
    #: The back end's own id of one that it made without a conversation.
    external_id: Mapped[str | None] = mapped_column(String(200))
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    visitor_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(20))
    #: page, back_end, agent or schedule.
    source: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(12))
    #: Why nobody was asked; a code of invitations/rules.py.
    reason: Mapped[str | None] = mapped_column(String(40))
    #: What says that the press will be the visitor's own: signature, browser, back_end, or page (a claim).
    proof: Mapped[str] = mapped_column(String(12))
    #: The planned wording; null when nobody was asked.
    revision_id: Mapped[UUID | None]
    #: Frozen when deciding, never looked up later: see invitations/snapshot.py.
    context: Mapped[dict[str, Any]] = mapped_column(Json)
    decided_at: Mapped[datetime]
    #: The site-local day of `decided_at`; never changes.
    decided_on: Mapped[date] = mapped_column(Date)
    shown_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    voted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    #: The end of the response window; null when nobody was asked.
    expires_at: Mapped[datetime | None]


class ClaimDay(Model):
    """How many chats that only a page told of were over the quota on a site-local day (invitations/quota.py)."""

    __tablename__ = "claim_day"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    refused_count: Mapped[int] = mapped_column(Integer)


class SamplingCount(Model):
    """How many could have been asked in a channel since only every n-th is (invitations/sampling.py)."""

    __tablename__ = "sampling_count"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class InvitationTally(Model):
    """How many invitations of each day are in each status; moves with them."""

    __tablename__ = "invitation_tally"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    decided_on: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    status: Mapped[str] = mapped_column(String(12), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
