"""Votes, what they were before, and the counts that are kept with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, new_id

#: Whether a vote is in the counts; `vote_status` says which it is.
VOTE_STATUSES = ("counted", "suspected", "excluded")
#: For an index and for the query that shall use it.
HAS_WORDS = text("comment_folded is not null")


class Vote(Model):
    """One answer to one asking: a segment's, an invitation's, or a reader's of a subject."""

    __tablename__ = "vote"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "segment_id"], ["segment.site_id", "segment.id"]),
        ForeignKeyConstraint(["site_id", "invitation_id"], ["invitation.site_id", "invitation.id"]),
        ForeignKeyConstraint(["site_id", "asked_id"], ["invitation.site_id", "invitation.id"]),
        ForeignKeyConstraint(["site_id", "subject_id"], ["subject.site_id", "subject.id"]),
        ForeignKeyConstraint(["site_id", "visitor_id"], ["visitor.site_id", "visitor.id"]),
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
        UniqueConstraint("site_id", "segment_id"),
        UniqueConstraint("site_id", "invitation_id"),
        UniqueConstraint("site_id", "subject_id", "voter"),
        CheckConstraint(
            "(case when segment_id is null then 0 else 1 end) + (case when invitation_id is null then 0 else 1 end)"
            " + (case when subject_id is null then 0 else 1 end) = 1",
            name="one_target",
        ),
        CheckConstraint("(subject_id is null) = (voter is null)", name="voter"),
        Index("ix_vote_first", "site_id", "first_at"),
        # Only of those that hold words to search in.
        Index("ix_vote_commented", "site_id", "segment_id", sqlite_where=HAS_WORDS, postgresql_where=HAS_WORDS),
    )

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    segment_id: Mapped[UUID | None]
    #: Only for an invitation without a segment.
    invitation_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    #: With a subject: v:<visitor's id> when signed for, else b:<hash of the client's own id>.
    voter: Mapped[str | None] = mapped_column(String(80))
    #: The invitation whose faces were pressed; null for readers whom nobody invited.
    asked_id: Mapped[UUID | None]
    visitor_id: Mapped[UUID | None]
    #: SHA-256 of the `id` of the client whose submission stands, with that client's own counter.
    client_hash: Mapped[str] = mapped_column(String(64))
    rev: Mapped[int] = mapped_column(Integer)
    #: The revision it was shown under.
    revision_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(20))
    #: Null once the visitor removed it.
    score: Mapped[int | None] = mapped_column(SmallInteger)
    reasons: Mapped[list[str]] = mapped_column(Json, default=list)
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: What became of each follow-up question that was seen: {id: shown, answered or skipped}.
    outcomes: Mapped[dict[str, str]] = mapped_column(Json, default=dict, server_default="{}")
    comment: Mapped[str | None] = mapped_column(Text)
    #: The same as it is searched (text.py).
    comment_folded: Mapped[str | None] = mapped_column(Text)
    #: Proven to be the visitor's own (signature, browser or back end), not only claimed by a page.
    verified: Mapped[bool] = mapped_column(Boolean)
    #: When the visitor pressed, by our clock.
    intended_at: Mapped[datetime]
    first_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    #: The site-local day of the first submission; never changes.
    voted_on: Mapped[date] = mapped_column(Date)
    #: Grows with each stored submission, so that a follower knows the newer of two.
    version: Mapped[int] = mapped_column(Integer)
    language: Mapped[str | None] = mapped_column(String(35))
    page: Mapped[str | None] = mapped_column(String(500))
    excluded_at: Mapped[datetime | None]
    excluded_by: Mapped[str | None] = mapped_column(String(200))
    exclusion_reason: Mapped[str | None] = mapped_column(String(500))
    suspicion_reason: Mapped[str | None] = mapped_column(String(200))

    @property
    def status(self) -> str:
        """excluded before suspected before counted."""
        return vote_status(self.excluded_at, self.suspicion_reason)


def vote_status(excluded_at: datetime | None, suspicion_reason: str | None) -> str:
    """excluded before suspected before counted."""
    if excluded_at is not None:
        return "excluded"
    return "suspected" if suspicion_reason is not None else "counted"


class VoteChange(Model):
    """One stored submission of a vote: its history, and the proof that a submission already came.

    A vote that was saved once is its own history and has none of these; the second submission writes both.
    """

    __tablename__ = "vote_change"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "vote_id"], ["vote.site_id", "vote.id"]),
        # The few that a list of recoveries begins with.
        Index(
            "ix_vote_change_recovery",
            "site_id",
            "vote_id",
            sqlite_where=text("recovery is 1"),
            postgresql_where=text("recovery is true"),
        ),
        # One tree in place of two: each submission of a vote writes here.
        {"sqlite_with_rowid": False},
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    vote_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    client_hash: Mapped[str] = mapped_column(String(64))
    rev: Mapped[int] = mapped_column(Integer)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    reasons: Mapped[list[str]] = mapped_column(Json)
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    comment: Mapped[str | None] = mapped_column(Text)
    #: From a worse to a better answer after a minute, or after new messages.
    recovery: Mapped[bool] = mapped_column(Boolean)
    intended_at: Mapped[datetime]
    stored_at: Mapped[datetime]


class Screenshot(Model):
    """The one picture that a visitor added to a vote, as we encoded it anew."""

    __tablename__ = "screenshot"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "vote_id"], ["vote.site_id", "vote.id"]),
        UniqueConstraint("site_id", "name"),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    vote_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: 128 random bits: where the console shows it.
    name: Mapped[str] = mapped_column(String(22))
    #: SHA-256 of what was sent, so that the same sent again is known.
    sent_hash: Mapped[str] = mapped_column(String(64))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    #: WebP; read only by who asks for the picture itself.
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    stored_at: Mapped[datetime]


class Tally(Model):
    """How many votes there are of each kind on each day; moves in the vote's own transaction."""

    __tablename__ = "tally"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    voted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    verified: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class AgentTally(Model):
    """The same for each agent who shares in the vote."""

    __tablename__ = "agent_tally"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "agent_id"], ["agent.site_id", "agent.id"]),
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    voted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    verified: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class QuestionTally(Model):
    """The votes of each day by the outcome of each follow-up question that was seen: one of each for each vote."""

    __tablename__ = "question_tally"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    voted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class SubjectTally(Model):
    """The same for each article or other subject."""

    __tablename__ = "subject_tally"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "subject_id"], ["subject.site_id", "subject.id"]),
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    voted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    verified: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
