"""Votes, their history and their screenshots."""

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
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, current_time, new_id
from ..storage.indexes import index_if_true, listed_index

VOTE_STATUSES = ("counted", "suspected", "excluded")
#: The `suspicion_reason` of a vote in a surge (surges.py).
SURGE = "surge"
#: The conditions of partial indexes, for search, a visitor's votes, and the votes that answered an invitation. Queries
#: must repeat them, or the planner does not use the index.
HAS_WORDS = text("comment_folded is not null")
HAS_VISITOR = text("visitor_id is not null")
WAS_ASKED = text("asked_id is not null")


class Vote(Model):
    """An answer to one question: about a segment, a direct invitation, or a visitor's about a subject."""

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
        # For what retention deletes (privacy/retention.py).
        listed_index("ix_vote_worded", "first_at", where="comment_folded is not null"),
        listed_index("ix_vote_answered", "first_at", where="answers <> '{}'"),
        Index("ix_vote_updated", "site_id", "updated_at", "id"),
        # A deleted decision looks for the votes that answered it.
        Index("ix_vote_asked", "site_id", "asked_id", sqlite_where=WAS_ASKED, postgresql_where=WAS_ASKED),
        Index("ix_vote_visitor", "site_id", "visitor_id", sqlite_where=HAS_VISITOR, postgresql_where=HAS_VISITOR),
        *(
            listed_index(f"ix_vote_{name}", column, "first_at", "id")
            for name, column in (
                ("score", "score"),
                ("channel", "channel"),
                ("kind", "kind"),
                ("revision", "revision_id"),
                ("verified", "verified"),
            )
        ),
        listed_index("ix_vote_subject", "subject_id", "first_at", "id", where="subject_id is not null"),
        listed_index(
            "ix_vote_words", "subject_id", "changed_at", "id", where="subject_id is not null and comment is not null"
        ),
        listed_index("ix_vote_excluded", "first_at", "id", where="excluded_at is not null"),
        listed_index("ix_vote_suspected", "first_at", "id", where="suspicion_reason is not null"),
        listed_index("ix_vote_imported", "first_at", "id", where="imported_at is not null"),
        index_if_true("ix_vote_recovered", "is_recovered", "first_at"),
        # Search reads only the votes that have a comment.
        Index("ix_vote_commented", "site_id", "segment_id", sqlite_where=HAS_WORDS, postgresql_where=HAS_WORDS),
    )

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    segment_id: Mapped[UUID | None]
    invitation_id: Mapped[UUID | None]  #: Set only for an invitation without a segment.
    subject_id: Mapped[UUID | None]
    #: Set with a subject: v:<visitor's id> if the visitor is verified, else b:<hash of the client's id>; e:<hash> once
    #: the visitor is erased.
    voter: Mapped[str | None] = mapped_column(String(80))
    #: The invitation that was answered; null for votes on a subject, which need no invitation.
    asked_id: Mapped[UUID | None]
    visitor_id: Mapped[UUID | None]
    #: SHA-256 of the `id` of the client that sent the current answer; `rev` is that client's counter.
    client_hash: Mapped[str] = mapped_column(String(64))
    rev: Mapped[int] = mapped_column(Integer)
    #: The revision that was shown to the visitor.
    revision_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(20))
    #: What is rated: conversation, invitation, or the kind of the subject.
    kind: Mapped[str] = mapped_column(String(40), server_default="conversation")
    #: Null once the visitor removed it.
    score: Mapped[int | None] = mapped_column(SmallInteger)
    reasons: Mapped[list[str]] = mapped_column(Json, default=list)
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: The outcome of each follow-up question that was seen: {id: shown, answered or skipped}.
    outcomes: Mapped[dict[str, str]] = mapped_column(Json, default=dict, server_default="{}")
    comment: Mapped[str | None] = mapped_column(Text)
    #: The comment in the form that search compares (core/text.py).
    comment_folded: Mapped[str | None] = mapped_column(Text)
    #: Whether the visitor is verified: by a signature, the named browser or the back end, not only by a page.
    verified: Mapped[bool] = mapped_column(Boolean)
    intended_at: Mapped[datetime]  #: The time of the visitor's press, by the server's clock.
    first_at: Mapped[datetime]
    received_at: Mapped[datetime | None]  #: When the first submission arrived.
    changed_at: Mapped[datetime]
    #: The site-local day of the first submission; never changes.
    voted_on: Mapped[date] = mapped_column(Date)
    #: Incremented with each stored submission, so that a consumer recognizes the newer of two.
    version: Mapped[int] = mapped_column(Integer)
    language: Mapped[str | None] = mapped_column(String(35))
    page: Mapped[str | None] = mapped_column(String(500))
    excluded_at: Mapped[datetime | None]
    excluded_by: Mapped[str | None] = mapped_column(String(200))
    exclusion_reason: Mapped[str | None] = mapped_column(String(500))
    suspicion_reason: Mapped[str | None] = mapped_column(String(200))
    #: When a rating of another system was imported (history_import.py). None: the visitor gave it here.
    imported_at: Mapped[datetime | None]
    #: When its words and picture were erased. An answer from before then adds no words, a later one is refused.
    erased_at: Mapped[datetime | None]
    #: Whether the current answer came by a recovery (`VoteChange.recovery`).
    is_recovered: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    #: The time of the last change of anything that the API returns about it.
    updated_at: Mapped[datetime] = mapped_column(default=current_time, onupdate=current_time)

    @property
    def status(self) -> str:
        """Return one of `VOTE_STATUSES`."""
        return vote_status(self.excluded_at, self.suspicion_reason)


def vote_status(excluded_at: datetime | None, suspicion_reason: str | None) -> str:
    """Return one of `VOTE_STATUSES`. A vote that is both excluded and suspected is excluded."""
    if excluded_at is not None:
        return "excluded"
    return "suspected" if suspicion_reason is not None else "counted"


class CreditedVote(Model):
    """A vote in the list of an agent who is credited with it in the frozen context."""

    __tablename__ = "credited_vote"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "agent_id"], ["agent.site_id", "agent.id"]),
        ForeignKeyConstraint(["site_id", "vote_id"], ["vote.site_id", "vote.id"]),
        {"sqlite_with_rowid": False},
    )

    #: The order of the key is that of the list.
    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_at: Mapped[datetime] = mapped_column(primary_key=True)
    vote_id: Mapped[UUID] = mapped_column(primary_key=True)


class VoteChange(Model):
    """A stored submission of a vote. It is the vote's history, and shows that a submission has already arrived.

    A vote with one submission has no changes, because its row holds the same data. The second submission writes both.
    """

    __tablename__ = "vote_change"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "vote_id"], ["vote.site_id", "vote.id"]),
        # Each submission writes here, so SQLite keeps one tree in place of a table and an index.
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
    #: Whether it changed a worse to a better answer after a minute or after new messages.
    recovery: Mapped[bool] = mapped_column(Boolean)
    intended_at: Mapped[datetime]
    stored_at: Mapped[datetime]


class Screenshot(Model):
    """The picture that a visitor added to a vote, as the server encoded it."""

    __tablename__ = "screenshot"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "vote_id"], ["vote.site_id", "vote.id"]),
        UniqueConstraint("site_id", "name"),
        Index("ix_screenshot_stored", "site_id", "stored_at"),
        listed_index("ix_screenshot_subject", "subject_id", "stored_at", "vote_id", where="subject_id is not null"),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    vote_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: The subject of the vote, for the list of articles.
    subject_id: Mapped[UUID | None]
    #: 128 random bits, which are the picture's address in the console.
    name: Mapped[str] = mapped_column(String(22))
    #: SHA-256 of the received bytes, by which a retry is recognized.
    sent_hash: Mapped[str] = mapped_column(String(64))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    #: A WebP file, deferred because most queries need only the columns above.
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    stored_at: Mapped[datetime]
