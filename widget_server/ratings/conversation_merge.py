"""Merge two conversations of a site into one. Flushes, never commits."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from ..conversations import service as conversations
from ..conversations.conversation_agents import refresh_agents
from ..conversations.models import Conversation, Message, Segment
from ..conversations.segments import set_pin
from ..core import clock
from ..core.errors import Invalid
from ..invitations import transitions
from ..invitations.conversation_state import load_state, lock_conversations
from ..invitations.listing import refresh_listing
from ..invitations.other_visitor import leave_to_visitor
from ..storage.db import db
from .listing import refresh_answer

#: Numbers above all real ones, which segments have while they are numbered again.
FREE_NUMBERS = 1_000_000


def merge_conversations(source: Conversation, target: Conversation) -> None:
    """Move all segments, messages, questions and ratings of `source` to `target`, and delete `source`.

    Segments keep their ratings and are numbered by their start. Messages of two open segments are put together. A
    message that both have is kept once. Only the newest question stays open. The fields of `target` stay. Answers of
    another visitor than that of `target` stay with that visitor.

    Raises: Invalid: both are the same.
    """
    if source.id == target.id:
        raise Invalid("Conversations must be different; send the id of the other one.", pointer="/into")
    lock_conversations(source, target)
    if target.visitor_id is not None and source.visitor_id not in (None, target.visitor_id):
        leave_to_visitor(source, keep_browser=False)
    _delete_shared_messages(source, target)
    _join_open_segments(source, target)
    _move_segments(source, target)
    _take_over(source, target)
    _withdraw_older_questions(target)
    _refresh_lists(target)
    conversations.publish_change(target)


def _delete_shared_messages(source: Conversation, target: Conversation) -> None:
    """Delete the messages of `source` that `target` has too, by the owner's id."""
    shared_ids = db.session.scalars(
        select(Message.id).where(
            Message.site_id == source.site_id,
            Message.conversation_id == source.id,
            Message.external_id.in_(
                select(Message.external_id).where(
                    Message.site_id == target.site_id, Message.conversation_id == target.id
                )
            ),
        )
    ).all()
    of_source = (Segment.site_id == source.site_id, Segment.conversation_id == source.id)
    db.session.execute(
        update(Segment).where(*of_source, Segment.pin_message_id.in_(shared_ids)).values(pin_message_id=None)
    )
    db.session.execute(delete(Message).where(Message.site_id == source.site_id, Message.id.in_(shared_ids)))


def _join_open_segments(source: Conversation, target: Conversation) -> None:
    """Move the messages of the open segment of `source` to that of `target`, if both are open."""
    source_segment, target_segment = load_state(source).last_segment, load_state(target).last_segment
    if source_segment.ended_at is not None or target_segment.ended_at is not None:
        return
    target_segment.opened_at = min(target_segment.opened_at, source_segment.opened_at)
    of_segment = (Message.site_id == source.site_id, Message.segment_id == source_segment.id)
    db.session.execute(update(Message).where(*of_segment).values(segment_id=target_segment.id))
    _move_messages(source, target)
    db.session.flush()
    db.session.delete(source_segment)
    db.session.flush()


def _move_messages(source: Conversation, target: Conversation) -> None:
    of_source = (Message.site_id == source.site_id, Message.conversation_id == source.id)
    db.session.execute(update(Message).where(*of_source).values(conversation_id=target.id))


def _move_segments(source: Conversation, target: Conversation) -> None:
    """Give all segments to `target`, numbered by their start; the open one is the last."""
    _move_messages(source, target)
    segments = db.session.scalars(
        select(Segment).where(Segment.site_id == target.site_id, Segment.conversation_id.in_([source.id, target.id]))
    ).all()
    segments = sorted(segments, key=lambda one: (one.ended_at is None, one.opened_at, one.id))
    for number, segment in enumerate(segments, FREE_NUMBERS):
        segment.number = number
    db.session.flush()
    for number, segment in enumerate(segments, 1):
        segment.number, segment.conversation_id = number, target.id
    db.session.flush()
    for segment in segments:
        set_pin(segment)


def _take_over(source: Conversation, target: Conversation) -> None:
    """Give `target` what it lacks: the visitor, the browser and an unread answer; then delete `source`."""
    browser_hash = source.browser_hash
    conversations.move_conversation(target, source.latest_at)
    target.visitor_id = target.visitor_id or source.visitor_id
    if source.unread_since is not None:
        target.unread_since = max(target.unread_since or source.unread_since, source.unread_since)
    db.session.delete(source)
    db.session.flush()
    target.browser_hash = target.browser_hash or browser_hash
    db.session.flush()


def _withdraw_older_questions(target: Conversation) -> None:
    now = clock.now()
    for invitation in load_state(target).open_invitations(now)[:-1]:
        transitions.withdraw(invitation, now)


def _refresh_lists(target: Conversation) -> None:
    """Derive again what lists read of the conversation, its decisions, its answer and its agents."""
    refresh_listing(target.site_id, target.id)
    refresh_answer(target.site_id, target.id)
    refresh_agents(target)
