"""Adopting what a browser only claimed, once the back end names that browser: the claim's question and answer move to
the real conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from ..conversations import service as conversations
from ..conversations.models import Conversation, Segment
from ..conversations.queries import by_browser, by_external_id, segments_of
from ..core import clock
from ..invitations import transitions
from ..invitations.conversation_state import take_turn
from ..invitations.models import Invitation
from ..invitations.queries import ledger_of_conversation
from ..invitations.rules import STAFF
from ..invitations.snapshot import freeze
from ..sites.models import Site
from ..storage.db import db
from ..visitors.models import Visitor
from .models import Vote
from .recount import counted_of
from .tallies import CountedVote, move_vote

#: What a page tells of itself when its chat ends.
KNOWN_BY_PAGES = ("page", "language")


def put_conversation(
    site: Site,
    external_id: str,
    fields: Mapping[str, Any],
    *,
    visitor: Visitor | None = None,
    browser_hash: str | None = None,
) -> Conversation:
    """Make or change the back end's conversation; what the named browser claimed before becomes part of it."""
    existing = by_external_id(site.id, external_id)
    claimed = by_browser(site.id, browser_hash) if browser_hash is not None else None
    take_turn(*{one for one in (existing, claimed) if one is not None})
    if existing is not None and claimed is not None and claimed.external_id is None:
        _merge(claimed, existing)
    conversation = conversations.put_conversation(site, external_id, fields, visitor=visitor, browser_hash=browser_hash)
    if browser_hash is not None:
        _prove(conversation)
    if visitor is not None and conversations.is_staff(db.session, site.id, visitor.external_id):
        _turn_away(conversation, visitor)
    return conversation


def _merge(claimed: Conversation, existing: Conversation) -> None:
    """Move the claim's question to the part it is about: the last one that nobody has answered or been asked about.

    Where every part has a question of its own the claim stays a conversation apart, under its own id, with what was
    answered there.
    """
    segments = list(segments_of(existing))
    part = _part_without_question(segments)
    claim = segments_of(claimed)[-1]
    if part is None:
        claimed.external_id, claimed.browser_hash = f"claimed:{claimed.id}", None
        db.session.flush()
        return
    if part.ended_at is None and claim.ended_at is not None:
        conversations.close_segment(
            existing, segments, ended_at=claim.ended_at, ended_by=claim.ended_by or "page", closer=None
        )
    part.pinned_at = part.pinned_at or claim.pinned_at
    for table in (Invitation, Vote):
        db.session.execute(
            update(table)
            .where(table.site_id == existing.site_id, table.segment_id == claim.id)
            .values(segment_id=part.id)
        )
    for segment in segments_of(claimed):
        db.session.delete(segment)
    db.session.flush()
    db.session.delete(claimed)
    db.session.flush()
    if claimed.unread_since is not None:
        existing.unread_since = max(existing.unread_since or claimed.unread_since, claimed.unread_since)
    conversations.touch(existing)


def _part_without_question(segments: Sequence[Segment]) -> Segment | None:
    for segment in reversed(segments):
        asked = db.session.scalar(
            select(func.count()).where(Invitation.site_id == segment.site_id, Invitation.segment_id == segment.id)
        )
        if not asked:
            return segment
    return None


def _prove(conversation: Conversation) -> None:
    """What the named browser only claimed is proven from here on, and its votes are counted as such."""
    for segment in segments_of(conversation):
        claims = db.session.scalars(
            select(Invitation).where(
                Invitation.site_id == segment.site_id, Invitation.segment_id == segment.id, Invitation.proof == "page"
            )
        ).all()
        for invitation in claims:
            if invitation.status == "not_asked":
                # A page knows nothing of what was said: whether to ask is decided by the first end that does.
                transitions.take_back(invitation)
            else:
                _adopt(invitation, conversation, segment)


def _adopt(invitation: Invitation, conversation: Conversation, segment: Segment) -> None:
    """The question is about what the back end knows of the part, and its vote is the same person's."""
    before = invitation.context
    invitation.proof = "browser"
    invitation.visitor_id = conversation.visitor_id
    invitation.context = _known_by_both(_freeze(conversation, segment), before)
    vote = _vote_of(invitation)
    if vote is None:
        db.session.flush()
        return
    counted = counted_of(vote, before)
    vote.visitor_id = conversation.visitor_id
    vote.verified = True
    _count_anew(vote, counted, invitation)


def _freeze(conversation: Conversation, segment: Segment) -> dict[str, Any]:
    visitor_id = conversation.visitor_id
    visitor = db.session.get_one(Visitor, (conversation.site_id, visitor_id)) if visitor_id else None
    return freeze(conversation, segment, visitor)


def _known_by_both(told: dict[str, Any], claimed: dict[str, Any]) -> dict[str, Any]:
    """What the back end tells, and what only the page could know where that says nothing."""
    return {**claimed, **told, **{name: told[name] or claimed[name] for name in KNOWN_BY_PAGES}}


def _turn_away(conversation: Conversation, visitor: Visitor) -> None:
    """The visitor turns out to be one of the staff, who never vote. What another visitor was asked stays."""
    for invitation in ledger_of_conversation(conversation):
        if invitation.visitor_id not in (None, visitor.id):
            continue
        transitions.withdraw(invitation, clock.now())
        vote = _vote_of(invitation)
        if vote is not None and vote.suspicion_reason is None:
            counted = counted_of(vote, invitation.context)
            vote.suspicion_reason = STAFF
            _count_anew(vote, counted, invitation)


def _vote_of(invitation: Invitation) -> Vote | None:
    return db.session.scalars(
        select(Vote).where(Vote.site_id == invitation.site_id, Vote.asked_id == invitation.id)
    ).one_or_none()


def _count_anew(vote: Vote, before: CountedVote, invitation: Invitation) -> None:
    db.session.flush()
    move_vote(db.session.connection(), before, counted_of(vote, invitation.context))
