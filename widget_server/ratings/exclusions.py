"""Excluding a vote: it stays, with its answer, and is counted apart; who, when and why is kept.

Flushes, never commits.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from ..accounts import audit
from ..conversations.models import Segment
from ..core import clock
from ..core.errors import NotFound
from ..events.publish import publish
from ..invitations.models import Invitation
from ..storage.db import db
from ..subjects.models import Subject
from . import tallies
from .models import Vote
from .recount import counted_of

MAX_REASON_LENGTH = 500


def exclude(site_id: UUID, vote_id: UUID, *, by: str, reason: str) -> Vote:
    """Count it no longer. Excluded twice is excluded once: the first reason stands until it is restored."""
    vote = _locked(site_id, vote_id)
    if vote.excluded_at is None:
        _set(vote, "vote.excluded", by, reason)
    return vote


def restore(site_id: UUID, vote_id: UUID, *, by: str) -> Vote:
    """Count it again, as it stands now."""
    vote = _locked(site_id, vote_id)
    if vote.excluded_at is not None:
        _set(vote, "vote.restored", by, None)
    return vote


def _locked(site_id: UUID, vote_id: UUID) -> Vote:
    """As a press locks it, its question first: a change on its way is stored before, or finds it excluded and stays."""
    vote = db.session.get(Vote, (site_id, vote_id))
    if vote is None:
        raise NotFound("There is no such vote.")
    if vote.asked_id is not None:
        db.session.get_one(Invitation, (site_id, vote.asked_id), with_for_update=True, populate_existing=True)
    db.session.refresh(vote, with_for_update=True)
    return vote


def _set(vote: Vote, kind: str, by: str, reason: str | None) -> None:
    context = _context_of(vote)
    before, now = counted_of(vote, context), clock.now()
    is_excluded = reason is not None
    vote.excluded_at, vote.excluded_by, vote.exclusion_reason = (now, by, reason) if is_excluded else (None, None, None)
    audit.record(vote.site_id, actor=by, action=kind, target=f"vote {vote.id}", detail={"score": vote.score})
    publish(
        db.session,
        vote.site_id,
        kind,
        at=now,
        conversation_id=conversation_of(vote.site_id, vote.id),
        segment_id=vote.segment_id,
        subject_id=vote.subject_id,
        vote_id=vote.id,
        version=vote.version,
    )
    # Last, as others wait for the rows that they share.
    tallies.move_vote(db.session.connection(), before, counted_of(vote, context))


def _context_of(vote: Vote) -> dict[str, object] | None:
    if vote.asked_id is None:
        return None
    return db.session.get_one(Invitation, (vote.site_id, vote.asked_id)).context


def article_of(site_id: UUID, vote_id: UUID) -> UUID | None:
    """The article that a vote is about; None for one about anything else, and where there is no such vote."""
    of_subject = (Subject.site_id == Vote.site_id) & (Subject.id == Vote.subject_id)
    wanted = select(Subject.id).join(Vote, of_subject).where(Subject.kind == "article")
    return db.session.scalar(wanted.where(Vote.site_id == site_id, Vote.id == vote_id))


def conversation_of(site_id: UUID, vote_id: UUID) -> UUID | None:
    """The conversation that a vote is about; None for an article's, and where there is no such vote."""
    of_segment = (Segment.site_id == Vote.site_id) & (Segment.id == Vote.segment_id)
    wanted = select(Segment.conversation_id).join(Vote, of_segment)
    return db.session.scalar(wanted.where(Vote.site_id == site_id, Vote.id == vote_id))
