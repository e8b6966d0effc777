"""Adopting what a browser only claimed, once the back end names that browser: the claim's question and answer move to
the real conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update

from ..conversations import service as conversations
from ..conversations.models import Conversation, Segment
from ..conversations.queries import by_browser, by_external_id, segments_of
from ..db import db
from ..invitations.models import Invitation
from ..sites.models import Site
from ..visitors.models import Visitor
from .models import Vote
from .recount import mark_verified


def put_conversation(
    site: Site,
    external_id: str,
    fields: Mapping[str, Any],
    *,
    visitor: Visitor | None = None,
    browser_hash: str | None = None,
) -> Conversation:
    """Make or change the back end's conversation; what the named browser claimed before becomes part of it."""
    if browser_hash is not None:
        existing = by_external_id(site.id, external_id)
        claimed = by_browser(site.id, browser_hash)
        if existing is not None and claimed is not None and claimed.external_id is None:
            _merge(claimed, existing)
    conversation = conversations.put_conversation(site, external_id, fields, visitor=visitor, browser_hash=browser_hash)
    if browser_hash is not None:
        _prove(conversation)
    return conversation


def _merge(claimed: Conversation, existing: Conversation) -> None:
    """Move the claim's question to the part it is about: the last one that nobody has answered or been asked about.

    Where every part has a question of its own the claim stays a conversation apart, under its own id, with what was
    answered there.
    """
    part = _part_without_question(existing)
    claim = segments_of(claimed)[-1]
    if part is None:
        claimed.external_id, claimed.browser_hash = f"claimed:{claimed.id}", None
        db.session.flush()
        return
    if part.ended_at is None and claim.ended_at is not None:
        conversations.close_segment(part, ended_at=claim.ended_at, ended_by=claim.ended_by or "page", closer=None)
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
    conversations.touch(existing)


def _part_without_question(conversation: Conversation) -> Segment | None:
    for segment in reversed(segments_of(conversation)):
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
            invitation.proof = "browser"
            invitation.visitor_id = conversation.visitor_id
            _prove_vote(invitation)
    db.session.flush()


def _prove_vote(invitation: Invitation) -> None:
    """Its vote is the same person's, and counted as proven."""
    vote = db.session.scalars(
        select(Vote).where(Vote.site_id == invitation.site_id, Vote.asked_id == invitation.id)
    ).one_or_none()
    if vote is None:
        return
    vote.visitor_id = invitation.visitor_id
    if not vote.verified:
        db.session.flush()
        mark_verified(db.session.connection(), vote, invitation.context)
