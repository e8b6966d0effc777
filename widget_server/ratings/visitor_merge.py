"""Merge two contacts of a site that are the same person. Flushes, never commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select

from ..accounts import audit
from ..accounts.actors import Actor
from ..conversations.service import publish_change
from ..core.errors import Invalid, NotFound
from ..storage.db import db
from ..visitors.models import Visitor
from ..visitors.service import find_visitor
from .exclusions import exclude
from .models import Vote
from .personal_rows import lock_personal_rows

#: Why the earlier of two ratings of one subject is excluded.
RATED_TWICE = "Merged visitor; rated again"


def merge_visitors(site_id: UUID, source_id: str, target_id: str, *, by: Actor) -> int:
    """Move everything of the visitor `source_id` to `target_id`, delete the first, and return how much was moved.

    Of two ratings of one subject the later press stays with the visitor, the earlier one is excluded from the scores.

    Raises: NotFound: the site has no such visitors. Invalid: both are the same.
    """
    if source_id == target_id:
        raise Invalid("Visitors must be different; send the id of the other one.", pointer="/into")
    source, target = find_visitor(site_id, source_id), find_visitor(site_id, target_id)
    if source is None or target is None:
        raise NotFound("Visitor not found; both must exist.")
    _lock_visitors(site_id, source, target)
    personal_rows = lock_personal_rows(source)
    for conversation in personal_rows.conversations:
        conversation.visitor_id = target.id
        publish_change(conversation)
    for invitation in personal_rows.invitations:
        invitation.visitor_id = target.id
    for vote in personal_rows.votes:
        _move_vote(vote, target, by)
    db.session.flush()
    db.session.execute(delete(Visitor).where(Visitor.site_id == site_id, Visitor.id == source.id))
    # The ids of visitors are personal, so the entry has ours, which says nothing once the visitor is erased.
    audit.record(site_id, actor=by, action="visitor.merged", target=f"visitor {target.id}", detail={})
    return len(personal_rows.conversations)


def _lock_visitors(site_id: UUID, *visitors: Visitor) -> None:
    """Lock both visitors in the order of their ids, so that two merges cannot wait for each other."""
    query = select(Visitor.id).where(Visitor.site_id == site_id, Visitor.id.in_([visitor.id for visitor in visitors]))
    db.session.execute(query.order_by(Visitor.id).with_for_update(key_share=True)).all()


def _move_vote(vote: Vote, target: Visitor, by: Actor) -> None:
    vote.visitor_id = target.id
    if vote.subject_id is None:
        return
    voter = f"v:{target.id}"
    query = select(Vote).where(Vote.site_id == vote.site_id, Vote.subject_id == vote.subject_id, Vote.voter == voter)
    other_vote = db.session.scalars(query.with_for_update()).one_or_none()
    if other_vote is None:
        vote.voter = voter
        return
    earlier, later = sorted((vote, other_vote), key=lambda one: one.intended_at)
    # Two votes of a subject never have one voter, so each gets its own before the later one takes the visitor's.
    vote.voter, other_vote.voter = f"m:{vote.id}", f"m:{other_vote.id}"
    db.session.flush()
    later.voter = voter
    db.session.flush()
    exclude(vote.site_id, earlier.id, by=by, reason=RATED_TWICE)
