"""Ends of segments, and the message that each is pinned to. Flushes, never commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from ..core import clock
from ..events.publish import publish
from ..storage.db import db
from . import sender_clock
from .models import OPENERS, Agent, Conversation, Message, Segment
from .queries import find_pin
from .service import move_conversation, open_segment


def close_segment(
    conversation: Conversation,
    segments: list[Segment],
    *,
    ended_at: datetime | None = None,
    sender_time: bool = False,
    ended_by: str,
    closer: Agent | None,
) -> None:
    """End the last of the conversation's `segments`, the only one that may be open, and pin it to its last message.

    Without `ended_at` it ends now; with `sender_time` that is a time of who sends the messages. An end before the
    opening moves the opening back. Messages after an earlier end go to a new segment, added to `segments`.
    """
    segment, now = segments[-1], clock.now()
    sender_clock.set_end(segment, ended_at or now, now, sender_time=sender_time and ended_at is not None)
    assert segment.ended_at is not None
    segment.opened_at = min(segment.opened_at, segment.ended_at)
    segment.ended_by = ended_by
    segment.closer_agent_id = closer.id if closer else None
    move_conversation(conversation, segment.ended_at)
    db.session.flush()
    if segment.ended_at < now:
        _split_segment(conversation, segments)
    set_pin(segment)
    publish(
        db.session,
        segment.site_id,
        "segment.ended",
        at=clock.now(),
        conversation_id=segment.conversation_id,
        segment_id=segment.id,
    )


def _split_segment(conversation: Conversation, segments: list[Segment]) -> None:
    """Move messages sent after the end to a new segment, as if they had arrived after it.

    Those sent within a second of it arrived before it, so they stay.
    """
    segment, now = segments[-1], clock.now()
    sender_end = sender_clock.find_end(segment)
    assert sender_end is not None
    in_segment = (Message.site_id == segment.site_id, Message.segment_id == segment.id)
    since = db.session.scalar(
        select(func.min(Message.sent_at)).where(
            *in_segment, Message.sent_at > sender_end + sender_clock.TOLERANCE, Message.author.in_(OPENERS)
        )
    )
    if since is None:
        return
    new_segment = open_segment(conversation, segments, sender_clock.to_our_time(segment, since, now))
    new_segment.clock_offset_ms = segment.clock_offset_ms
    db.session.execute(update(Message).where(*in_segment, Message.sent_at >= since).values(segment_id=new_segment.id))


def set_pin(segment: Segment) -> None:
    """Move the pin of an ended segment to its last message, unless a vote has fixed it."""
    sender_end = sender_clock.find_end(segment)
    if sender_end is None or segment.pinned_at is not None:
        return
    # A vote may fix the pin in another transaction at this moment, so the statement checks `pinned_at` again.
    db.session.execute(
        update(Segment)
        .where(Segment.site_id == segment.site_id, Segment.id == segment.id, Segment.pinned_at.is_(None))
        .values(pin_message_id=find_pin(segment, sender_end))
    )
