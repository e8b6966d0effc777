"""Load the transcript of a conversation as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from ..conversations.models import Agent, Conversation, Message, Segment
from ..invitations.credit import read_credited_agents
from ..storage.prepared import AnySession
from ..visitors.models import Visitor
from ..web.cursor import Place
from .agent_ids import FoundIds, find_missing_ids, to_external_ids
from .load_ratings import deciding_invitation, ledgers_of, ratings_of
from .transcripts import InvitationSummary, MessageLine, Rating, Transcript, TranscriptSegment, segment_status

#: The number of messages in a transcript, unless all are requested.
MAX_MESSAGES = 400
#: The columns of a conversation that its transcript has under the same names.
TRANSCRIPT_FIELDS = frozenset(column.key for column in Conversation.__table__.columns) & frozenset(
    field.name for field in fields(Transcript)
)


def load_transcript(
    session: AnySession, site_id: UUID, conversation_id: UUID, *, now: datetime, newest: int | None = MAX_MESSAGES
) -> Transcript | None:
    """Return the transcript with the `newest` messages and their segments, or None if the site has no such id.

    `newest=None` returns all messages.
    """
    row = session.execute(
        select(Conversation, Visitor.external_id)
        .outerjoin(Visitor, (Visitor.site_id == Conversation.site_id) & (Visitor.id == Conversation.visitor_id))
        .where(Conversation.site_id == site_id, Conversation.id == conversation_id)
    ).one_or_none()
    if row is None:
        return None
    conversation, visitor = row
    messages, has_earlier = load_messages(session, site_id, conversation_id, newest)
    segments = session.scalars(
        select(Segment)
        .where(Segment.site_id == site_id, Segment.conversation_id == conversation_id)
        .order_by(Segment.number)
    ).all()
    if has_earlier:
        first = next((index for index, segment in enumerate(segments) if segment.id in messages), 0)
        segments = segments[first:]
    values = {name: getattr(conversation, name) for name in TRANSCRIPT_FIELDS}
    transcript_segments = to_segments(session, site_id, segments, messages, now)
    return Transcript(**values, visitor=visitor, earlier=has_earlier, segments=transcript_segments)


def load_rated_segments(
    session: AnySession, site_id: UUID, conversation_ids: Collection[UUID], now: datetime
) -> dict[UUID, list[TranscriptSegment]]:
    """Return the segments of each conversation, with the message under the rating, else with the last message.

    All other messages are left out, so the time does not depend on their number.
    """
    last_message = (
        select(Message.id)
        .where(Message.site_id == Segment.site_id, Message.segment_id == Segment.id)
        .order_by(Message.sent_at.desc(), Message.arrival.desc())
        .limit(1)
        .correlate(Segment)
        .scalar_subquery()
    )
    shown_id = func.coalesce(Segment.pin_message_id, last_message)
    rows = session.execute(
        select(Segment, Message, Agent.name, Agent.external_id)
        .outerjoin(Message, (Message.site_id == Segment.site_id) & (Message.id == shown_id))
        .outerjoin(Agent, (Agent.site_id == Message.site_id) & (Agent.id == Message.agent_id))
        .where(Segment.site_id == site_id, Segment.conversation_id.in_(conversation_ids))
        .order_by(Segment.number)
    ).all()
    messages = {
        segment.id: [to_line(message, agent, agent_id)]
        for segment, message, agent, agent_id in rows
        if message is not None
    }
    segments = [row[0] for row in rows]
    by_conversation: dict[UUID, list[TranscriptSegment]] = defaultdict(list)
    for segment, shown_segment in zip(segments, to_segments(session, site_id, segments, messages, now), strict=True):
        by_conversation[segment.conversation_id].append(shown_segment)
    return by_conversation


def load_message_page(
    session: AnySession, site_id: UUID, conversation_id: UUID, *, after: Place | None, limit: int
) -> list[tuple[int, MessageLine]]:
    """Return at most `limit` messages that follow a place, newest first, each with the number of its segment."""
    query = (
        select(Message, Agent.name, Agent.external_id, Segment.number)
        .join(Segment, (Segment.site_id == Message.site_id) & (Segment.id == Message.segment_id))
        .outerjoin(Agent, (Agent.site_id == Message.site_id) & (Agent.id == Message.agent_id))
        .where(Message.site_id == site_id, Message.conversation_id == conversation_id)
    )
    if after is not None:
        query = query.where(Message.sent_at <= after[0], or_(Message.sent_at < after[0], Message.id < after[1]))
    rows = session.execute(query.order_by(Message.sent_at.desc(), Message.id.desc()).limit(limit))
    return [(number, to_line(message, agent, agent_id)) for message, agent, agent_id, number in rows]


def load_messages(
    session: AnySession, site_id: UUID, conversation_id: UUID, newest: int | None
) -> tuple[dict[UUID, list[MessageLine]], bool]:
    """Return the newest messages by segment, each list oldest first, and whether there are earlier ones."""
    query = (
        select(Message, Agent.name, Agent.external_id, Segment.number)
        .join(Segment, (Segment.site_id == Message.site_id) & (Segment.id == Message.segment_id))
        .outerjoin(Agent, (Agent.site_id == Message.site_id) & (Agent.id == Message.agent_id))
        .where(Message.site_id == site_id, Message.conversation_id == conversation_id)
        .order_by(Segment.number.desc(), Message.sent_at.desc(), Message.arrival.desc())
    )
    rows = session.execute(query if newest is None else query.limit(newest + 1)).all()
    newest_rows = rows if newest is None else rows[:newest]
    messages_by_segment: dict[UUID, list[MessageLine]] = defaultdict(list)
    for message, agent, agent_id, _ in reversed(newest_rows):
        messages_by_segment[message.segment_id].append(to_line(message, agent, agent_id))
    return messages_by_segment, len(newest_rows) < len(rows)


def to_line(message: Message, agent: str | None, agent_id: str | None) -> MessageLine:
    return MessageLine(
        id=message.id,
        external_id=message.external_id,
        author=message.author,
        agent=agent,
        agent_id=agent_id,
        text=message.text,
        sent_at=message.sent_at,
        edited_at=message.edited_at,
        removed_at=message.removed_at,
    )


def to_segments(
    session: AnySession,
    site_id: UUID,
    segments: Sequence[Segment],
    messages: dict[UUID, list[MessageLine]],
    now: datetime,
) -> list[TranscriptSegment]:
    ids = [segment.id for segment in segments]
    ledgers, ratings = ledgers_of(session, site_id, ids), ratings_of(session, site_id, ids, with_comments=True)
    contexts = [invitation.context for ledger in ledgers.values() for invitation in ledger]
    found_ids = find_missing_ids(session, site_id, contexts)
    return [
        to_segment(
            segment, messages.get(segment.id, []), ledgers.get(segment.id, []), ratings.get(segment.id), found_ids, now
        )
        for segment in segments
    ]


def to_segment(
    segment: Segment,
    messages: list[MessageLine],
    ledger: list[InvitationSummary],
    rating: Rating | None,
    found_ids: FoundIds,
    now: datetime,
) -> TranscriptSegment:
    invitation = deciding_invitation(ledger)
    context = invitation.context if invitation else {}
    authors = {line.agent_id: line.agent for line in messages if line.agent}
    agents, credited = context.get("agents", ()), read_credited_agents(context)
    return TranscriptSegment(
        id=segment.id,
        number=segment.number,
        opened_at=segment.opened_at,
        ended_at=segment.ended_at,
        ended_by=segment.ended_by,
        messages=messages,
        pin_message_id=segment.pin_message_id,
        status=segment_status(segment.ended_at is not None, rating, invitation, now),
        rating=rating,
        invitation=invitation,
        ledger=ledger,
        agents=[agent["name"] for agent in agents] if "agents" in context else list(authors.values()),
        agent_ids=to_external_ids(agents, found_ids) if "agents" in context else list(authors),
        credited=[agent["name"] for agent in credited],
        credited_ids=to_external_ids(credited, found_ids),
        credit=context.get("credit", "all"),
        team=context.get("team"),
    )
