"""The ratings that an agent is credited with, newest first, as far as the site shows ratings to its agents.

They have the fields that an agent token opens: no screenshot, and no comment of an earlier answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from ..conversations.models import Agent, Conversation, ConversationAgent, Segment
from ..conversations.visibility import Visibility, filter_visible
from ..ratings.models import Vote
from ..storage.prepared import AnySession
from ..web.cursor import Place
from .transcript_queries import load_rated_segments
from .transcripts import Rating, TranscriptSegment


@dataclass(frozen=True)
class OwnRating:
    """A rated segment, with the id that the site's back end gave its conversation."""

    conversation: str | None
    segment: TranscriptSegment


@dataclass(frozen=True)
class OwnRatingPage:
    """The ratings of some conversations, and the place of the last one if there are more."""

    ratings: list[OwnRating]
    next_place: Place | None


def load_own_ratings(
    session: AnySession, agent: Agent, visibility: Visibility, *, now: datetime, after: Place | None, limit: int
) -> OwnRatingPage:
    """Return the ratings of the next `limit` conversations of an agent that have a visible rating."""
    rows = _find_rated_conversations(session, agent, visibility, now, after, limit + 1)
    shown_rows = rows[:limit]
    connection, ids = session.connection(), [row[0] for row in shown_rows]
    visible_ids = filter_visible(connection, visibility, agent.site_id, agent.id, None, ids)
    segments_by_conversation = load_rated_segments(session, agent.site_id, visible_ids, now)
    ratings = [
        OwnRating(external_id, _with_open_fields(segment))
        for conversation_id, external_id, _ in shown_rows
        for segment in reversed(segments_by_conversation.get(conversation_id, []))
        if _is_own(segment, agent) and visibility.shows(segment.ended_at, now)
    ]
    last = shown_rows[-1] if len(rows) > limit else None
    return OwnRatingPage(ratings, (last[2], last[0]) if last else None)


def _find_rated_conversations(
    session: AnySession, agent: Agent, visibility: Visibility, now: datetime, after: Place | None, limit: int
) -> Sequence[tuple[UUID, str | None, datetime]]:
    """Return (id, external id, latest time) of conversations in the order of the agent's index."""
    writer = ConversationAgent
    rated = (
        select(Segment.id)
        .join(Vote, (Vote.site_id == Segment.site_id) & (Vote.segment_id == Segment.id))
        .where(Segment.site_id == writer.site_id, Segment.conversation_id == writer.conversation_id)
        .where(Segment.ended_at <= now - timedelta(days=visibility.after_days))
    )
    query = (
        select(writer.conversation_id, Conversation.external_id, writer.latest_at)
        .join(Conversation, (Conversation.site_id == writer.site_id) & (Conversation.id == writer.conversation_id))
        .where(writer.site_id == agent.site_id, writer.agent_id == agent.id, rated.exists())
    )
    if after is not None:
        query = query.where(
            writer.latest_at <= after[0], or_(writer.latest_at < after[0], writer.conversation_id < after[1])
        )
    query = query.order_by(writer.latest_at.desc(), writer.conversation_id.desc()).limit(limit)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _is_own(segment: TranscriptSegment, agent: Agent) -> bool:
    return segment.status == "rated" and agent.external_id in segment.credited_ids


def _with_open_fields(segment: TranscriptSegment) -> TranscriptSegment:
    rating = segment.rating
    return replace(segment, rating=_without_picture(rating) if rating else None)


def _without_picture(rating: Rating) -> Rating:
    return replace(rating, screenshot=None, history=[replace(entry, comment=None) for entry in rating.history])
