"""The ledger of invitations: one row for each decision to ask or not to ask, and counters of them."""

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

#: What caused a decision: the page, the back end, an agent, or an import of history.
SOURCES = ("page", "back_end", "agent", "import")
#: asked -> shown -> voted. The first two can become dismissed, withdrawn or expired; not_asked never changes.
STATUSES = ("asked", "shown", "voted", "dismissed", "withdrawn", "expired", "not_asked")
#: Statuses that are still waiting for an answer.
UNANSWERED = ("asked", "shown", "dismissed")
#: The same as SQL, for an index and its query. SQLite uses the index only if both have the same text.
IS_UNANSWERED = text("status in ('asked', 'shown', 'dismissed')")


class Invitation(Model):
    """A decision about one survey request, with the context frozen at that time, or with the reason not to ask."""

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
        # For cooldowns: the last survey that a visitor saw.
        Index("ix_invitation_visitor", "site_id", "visitor_id", "shown_at"),
        Index("ix_invitation_external", "site_id", "external_id", unique=True),
        # Holds only invitations that can still expire; an answer removes its row from the index.
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
    #: The back end's id of a direct invitation.
    external_id: Mapped[str | None] = mapped_column(String(200))
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    visitor_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(20))
    #: One of `SOURCES`.
    source: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(12))
    #: The reason not to ask: a code of invitations/rules.py.
    reason: Mapped[str | None] = mapped_column(String(40))
    #: The proof of the visitor's identity: signature, browser, back_end, or page (an unverified claim).
    proof: Mapped[str] = mapped_column(String(12))
    #: The survey revision to show; null for not_asked.
    revision_id: Mapped[UUID | None]
    #: Frozen at the decision, never looked up later: see invitations/snapshot.py.
    context: Mapped[dict[str, Any]] = mapped_column(Json)
    decided_at: Mapped[datetime]
    #: The site-local day of `decided_at`; never changes.
    decided_on: Mapped[date] = mapped_column(Date)
    shown_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    voted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    #: The end of the response window; null for not_asked.
    expires_at: Mapped[datetime | None]
    #: When its visitor was erased. An answer from before then is stored without words, a later one is refused.
    erased_at: Mapped[datetime | None]


class UnverifiedChatDay(Model):
    """The count of unverified chats over the quota on a site-local day (invitations/quota.py)."""

    __tablename__ = "unverified_chat_day"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    refused_count: Mapped[int] = mapped_column(Integer)


class SamplingCount(Model):
    """The count of cases in a channel that sampling decided about (invitations/sampling.py)."""

    __tablename__ = "sampling_count"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class InvitationTally(Model):
    """The count of a day's invitations in a status, changed together with them."""

    __tablename__ = "invitation_tally"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    decided_on: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    status: Mapped[str] = mapped_column(String(12), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
