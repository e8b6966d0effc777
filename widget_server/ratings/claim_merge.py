"""Merge a page's unverified conversation into the back end's, once the back end names the browser.

The question and the answer of the unverified conversation move to the back end's conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from ..conversations import service as conversations
from ..conversations.models import Conversation, Segment
from ..conversations.queries import find_by_browser, find_conversation, find_segments
from ..conversations.segments import close_segment
from ..core import clock
from ..invitations import transitions
from ..invitations.conversation_state import lock_conversations
from ..invitations.listing import refresh_listing
from ..invitations.models import Invitation
from ..invitations.other_visitor import leave_to_visitor
from ..invitations.queries import find_decisions
from ..invitations.rules import STAFF
from ..invitations.snapshot import freeze_context
from ..sites.models import Site
from ..storage.db import db
from ..visitors.models import Visitor
from .listing import move_credits, refresh_answer
from .models import Vote
from .recount import counted_of
from .tallies import CountedVote, move_vote

#: Fields of the context that a page sends when its chat ends.
PAGE_FIELDS = ("page", "language")


def put_conversation(
    site: Site,
    external_id: str,
    fields: Mapping[str, Any],
    *,
    visitor: Visitor | None = None,
    browser_hash: str | None = None,
) -> Conversation:
    """Create or change the back end's conversation. The unverified one of the named browser is merged into it."""
    existing = find_conversation(site.id, external_id)
    unverified = find_by_browser(site.id, browser_hash) if browser_hash is not None else None
    lock_conversations(*{conversation for conversation in (existing, unverified) if conversation is not None})
    if existing is not None and unverified is not None and unverified.external_id is None:
        _merge(unverified, existing)
    if existing is not None and visitor is not None and existing.visitor_id not in (None, visitor.id):
        leave_to_visitor(existing, keep_browser=browser_hash is not None)
    conversation = conversations.put_conversation(site, external_id, fields, visitor=visitor, browser_hash=browser_hash)
    if browser_hash is not None:
        _verify_segments(conversation)
    if visitor is not None and conversations.is_staff(db.session, site.id, visitor.external_id):
        _withdraw_from_staff(conversation, visitor)
    return conversation


def _merge(unverified: Conversation, existing: Conversation) -> None:
    """Move the question of the unverified conversation to the last segment that has no question.

    If every segment has a question, the unverified conversation remains separate and keeps its answers under a new id.
    """
    segments = list(find_segments(existing))
    segment = _last_without_question(segments)
    unverified_segment = find_segments(unverified)[-1]
    if segment is None:
        unverified.external_id, unverified.browser_hash = f"claimed:{unverified.id}", None
        db.session.flush()
        return
    if segment.ended_at is None and unverified_segment.ended_at is not None:
        close_segment(
            existing,
            segments,
            ended_at=unverified_segment.ended_at,
            ended_by=unverified_segment.ended_by or "page",
            closer=None,
        )
    segment.pinned_at = segment.pinned_at or unverified_segment.pinned_at
    for table in (Invitation, Vote):
        db.session.execute(
            update(table)
            .where(table.site_id == existing.site_id, table.segment_id == unverified_segment.id)
            .values(segment_id=segment.id)
        )
    unverified_latest_at = unverified.latest_at
    _delete(unverified)
    refresh_listing(existing.site_id, existing.id)
    refresh_answer(existing.site_id, existing.id)
    if unverified.unread_since is not None:
        existing.unread_since = max(existing.unread_since or unverified.unread_since, unverified.unread_since)
    conversations.move_conversation(existing, unverified_latest_at)
    conversations.publish_change(existing)


def _delete(conversation: Conversation) -> None:
    for segment in find_segments(conversation):
        db.session.delete(segment)
    db.session.flush()
    db.session.delete(conversation)
    db.session.flush()


def _last_without_question(segments: Sequence[Segment]) -> Segment | None:
    ids = [segment.id for segment in segments]
    decided_ids = set(
        db.session.scalars(
            select(Invitation.segment_id).where(
                Invitation.site_id == segments[0].site_id, Invitation.segment_id.in_(ids)
            )
        )
    )
    return next((segment for segment in reversed(segments) if segment.id not in decided_ids), None)


def _verify_segments(conversation: Conversation) -> None:
    """Mark the unverified invitations and votes of the named browser as verified, and move their counts."""
    invitations = [invitation for invitation in find_decisions(conversation) if invitation.proof == "page"]
    if not invitations:
        return
    segments = {segment.id: segment for segment in find_segments(conversation)}
    votes = _find_votes(invitations)
    for invitation in invitations:
        if invitation.status == "not_asked":
            # A page does not know the messages, so the next end that does decides whether to ask.
            transitions.delete_decision(invitation)
        elif invitation.segment_id is not None:
            _verify(invitation, conversation, segments[invitation.segment_id], votes.get(invitation.id))


def _verify(invitation: Invitation, conversation: Conversation, segment: Segment, vote: Vote | None) -> None:
    """Give the invitation the back end's context, and mark its vote as verified by the same visitor."""
    page_context = invitation.context
    invitation.proof = "browser"
    invitation.visitor_id = conversation.visitor_id
    invitation.context = _combine_contexts(_freeze(conversation, segment), page_context)
    if vote is None:
        db.session.flush()
        return
    counted_before = counted_of(vote, page_context)
    vote.visitor_id = conversation.visitor_id
    vote.verified = True
    _move_counts(vote, counted_before, invitation)


def _freeze(conversation: Conversation, segment: Segment) -> dict[str, Any]:
    visitor_id = conversation.visitor_id
    visitor = db.session.get_one(Visitor, (conversation.site_id, visitor_id)) if visitor_id else None
    return freeze_context(conversation, segment, visitor)


def _combine_contexts(verified: dict[str, Any], unverified: dict[str, Any]) -> dict[str, Any]:
    """Return the back end's context, with the page's value in each of `PAGE_FIELDS` that it leaves empty."""
    return {**unverified, **verified, **{name: verified[name] or unverified[name] for name in PAGE_FIELDS}}


def _withdraw_from_staff(conversation: Conversation, visitor: Visitor) -> None:
    """Withdraw the questions to a visitor who is staff, and mark their votes as suspected.

    Questions to another visitor of the conversation remain.
    """
    decisions = find_decisions(conversation)
    invitations = [invitation for invitation in decisions if invitation.visitor_id in (None, visitor.id)]
    votes = _find_votes(invitations)
    for invitation in invitations:
        transitions.withdraw(invitation, clock.now())
        vote = votes.get(invitation.id)
        if vote is not None and vote.suspicion_reason is None:
            counted_before = counted_of(vote, invitation.context)
            vote.suspicion_reason = STAFF
            _move_counts(vote, counted_before, invitation)


def _find_votes(invitations: Sequence[Invitation]) -> dict[UUID | None, Vote]:
    """Return the votes that answered invitations of one site, by invitation."""
    if not invitations:
        return {}
    segment_ids = [invitation.segment_id for invitation in invitations]
    query = select(Vote).where(Vote.site_id == invitations[0].site_id, Vote.segment_id.in_(segment_ids))
    return {vote.asked_id: vote for vote in db.session.scalars(query)}


def _move_counts(vote: Vote, before: CountedVote, invitation: Invitation) -> None:
    db.session.flush()
    after = counted_of(vote, invitation.context)
    move_credits(vote, before.agent_ids, after.agent_ids)
    move_vote(db.session.connection(), before, after)
