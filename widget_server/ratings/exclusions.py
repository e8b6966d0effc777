"""Exclude votes from the scores and restore them, with actor, time and reason.

An excluded vote keeps its answer and is counted separately. These functions flush and never commit.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from ..accounts import audit
from ..accounts.actors import Actor
from ..conversations.models import Segment
from ..conversations.service import mark_updated
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


def exclude(site_id: UUID, vote_id: UUID, *, by: Actor, reason: str) -> Vote:
    """Exclude a vote from the scores. If it is excluded already, its first reason remains.

    Raises: NotFound: the site has no such vote.
    """
    vote = lock_vote(site_id, vote_id)
    if vote.excluded_at is None:
        _set(vote, "vote.excluded", by, reason)
    return vote


def restore(site_id: UUID, vote_id: UUID, *, by: Actor) -> Vote:
    """Count a vote again, with its current answer.

    Raises: NotFound: the site has no such vote.
    """
    vote = lock_vote(site_id, vote_id)
    if vote.excluded_at is not None:
        _set(vote, "vote.restored", by, None)
    return vote


def lock_vote(site_id: UUID, vote_id: UUID) -> Vote:
    """Return the vote, locked in the order in which a submission locks: its invitation first.

    So a concurrent submission is either stored before the decision, or sees that the vote is excluded.
    """
    vote = db.session.get(Vote, (site_id, vote_id))
    if vote is None:
        raise NotFound("There is no such vote.")
    if vote.asked_id is not None:
        db.session.get_one(Invitation, (site_id, vote.asked_id), with_for_update=True, populate_existing=True)
    db.session.refresh(vote, with_for_update=True)
    return vote


def _set(vote: Vote, kind: Literal["vote.excluded", "vote.restored"], by: Actor, reason: str | None) -> None:
    context = _context_of(vote)
    before, now = counted_of(vote, context), clock.now()
    is_excluded = reason is not None
    exclusion = (now, by.shown_name, reason) if is_excluded else (None, None, None)
    vote.excluded_at, vote.excluded_by, vote.exclusion_reason = exclusion
    audit.record(vote.site_id, actor=by, action=kind, target=f"vote {vote.id}", detail={"score": vote.score})
    publish_change(vote, kind, now)
    # The counters come last, because other transactions wait for these shared rows.
    tallies.move_vote(db.session.connection(), before, counted_of(vote, context))


def publish_change(vote: Vote, kind: str, at: datetime) -> None:
    """Publish a change of a vote that is no submission, and list its conversation as updated."""
    conversation_id = conversation_of(vote.site_id, vote.id)
    mark_updated(vote.site_id, conversation_id)
    publish(
        db.session,
        vote.site_id,
        kind,
        at=at,
        conversation_id=conversation_id,
        segment_id=vote.segment_id,
        subject_id=vote.subject_id,
        vote_id=vote.id,
        version=vote.version,
    )


def _context_of(vote: Vote) -> dict[str, object] | None:
    if vote.asked_id is None:
        return None
    return db.session.get_one(Invitation, (vote.site_id, vote.asked_id)).context


def article_of(site_id: UUID, vote_id: UUID) -> UUID | None:
    """Return the id of the article that was rated, or None if the vote is on anything else or does not exist."""
    of_subject = (Subject.site_id == Vote.site_id) & (Subject.id == Vote.subject_id)
    query = select(Subject.id).join(Vote, of_subject).where(Subject.kind == "article")
    return db.session.scalar(query.where(Vote.site_id == site_id, Vote.id == vote_id))


def conversation_of(site_id: UUID, vote_id: UUID) -> UUID | None:
    """Return the id of the conversation that was rated, or None if the vote is on anything else or does not exist."""
    of_segment = (Segment.site_id == Vote.site_id) & (Segment.id == Vote.segment_id)
    query = select(Segment.conversation_id).join(Vote, of_segment)
    return db.session.scalar(query.where(Vote.site_id == site_id, Vote.id == vote_id))
