"""What the agent reads, as plain values: the list of conversations, one transcript, the articles, a vote's history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, or_, select

from ..conversations.models import Agent, Conversation, Message, Segment
from ..errors import Invalid
from ..invitations.credit import credit_of
from ..visitors.models import Visitor
from .answers import Step
from .filters import FILTERS
from .models import Vote
from .reading import AnySession, deciding, ledgers_of, ratings_of, to_ratings, worded_votes
from .transcripts import Asking, MessageLine, Part, Rating, State, Transcript, state_of

Only = Literal["all", "bad", "waiting", "not_asked"]
#: The most messages that one page of a transcript holds, unless all are asked for.
MESSAGES = 400
#: Columns of a conversation that its transcript holds under the same name.
TRANSCRIPT_FIELDS = frozenset(column.key for column in Conversation.__table__.columns) & frozenset(
    field.name for field in fields(Transcript)
)


@dataclass(frozen=True)
class ConversationRow:
    """A line of the list. Its state is that of the last part that was asked, else of the last part."""

    id: UUID
    external_id: str | None
    claimed_id: str | None
    title: str | None
    channel: str
    language: str | None
    latest_at: datetime
    state: State
    rating: Rating | None
    asking: Asking | None


@dataclass(frozen=True)
class ConversationPage:
    rows: list[ConversationRow]
    #: What to give as `cursor` for the next page; None at the end.
    next_cursor: str | None


def conversations(
    session: AnySession, site_id: UUID, *, now: datetime, cursor: str | None = None, limit: int = 30, only: Only = "all"
) -> ConversationPage:
    """The latest conversations first."""
    wanted = select(Conversation).where(Conversation.site_id == site_id)
    if only != "all":
        wanted = wanted.where(FILTERS[only](now))
    if cursor:
        latest_at, last_id = parse_cursor(cursor)
        older = and_(Conversation.latest_at == latest_at, Conversation.id < last_id)
        wanted = wanted.where(or_(Conversation.latest_at < latest_at, older))
    wanted = wanted.order_by(Conversation.latest_at.desc(), Conversation.id.desc()).limit(limit + 1)
    found = session.scalars(wanted).all()
    shown = found[:limit]
    more = f"{shown[-1].latest_at.isoformat()}~{shown[-1].id}" if len(found) > limit else None
    return ConversationPage(to_rows(session, site_id, shown, now), more)


def parse_cursor(cursor: str) -> tuple[datetime, UUID]:
    moment, _, last_id = cursor.partition("~")
    try:
        latest_at = datetime.fromisoformat(moment)
        if latest_at.tzinfo is None:
            raise ValueError("without a zone")
        return latest_at.astimezone(UTC), UUID(last_id)
    except (ValueError, OverflowError) as error:
        raise Invalid("This cursor was not made here; start again without one.", pointer="/cursor") from error


def to_rows(session: AnySession, site_id: UUID, found: Sequence[Conversation], now: datetime) -> list[ConversationRow]:
    segments = select(Segment).where(Segment.site_id == site_id, Segment.conversation_id.in_([row.id for row in found]))
    of_conversation: dict[UUID, list[Segment]] = defaultdict(list)
    for segment in session.scalars(segments.order_by(Segment.number)):
        of_conversation[segment.conversation_id].append(segment)
    segment_ids = [segment.id for segments in of_conversation.values() for segment in segments]
    ledgers = ledgers_of(session, site_id, segment_ids)
    ratings = ratings_of(session, site_id, segment_ids)
    rows = []
    for conversation in found:
        shown = part_of_list(of_conversation[conversation.id], ledgers)
        asking = deciding(ledgers.get(shown.id, [])) if shown else None
        rating = ratings.get(shown.id) if shown else None
        rows.append(
            ConversationRow(
                id=conversation.id,
                external_id=conversation.external_id,
                claimed_id=conversation.claimed_id,
                title=conversation.title,
                channel=conversation.channel,
                language=conversation.language,
                latest_at=conversation.latest_at,
                state=state_of(bool(shown and shown.ended_at), rating, asking, now),
                rating=rating,
                asking=asking,
            )
        )
    return rows


def part_of_list(segments: Sequence[Segment], ledgers: dict[UUID, list[Asking]]) -> Segment | None:
    """The part whose state the list shows: the last one asked; else the last with a decision; else the last."""
    asked = [s for s in segments if any(asking.state != "not_asked" for asking in ledgers.get(s.id, []))]
    decided = [s for s in segments if s.id in ledgers]
    for candidates in (asked, decided, segments):
        if candidates:
            return candidates[-1]
    return None


def transcript(
    session: AnySession, site_id: UUID, conversation_id: UUID, *, now: datetime, newest: int | None = MESSAGES
) -> Transcript | None:
    """The whole conversation, or its parts that hold the `newest` messages. None when this site has none of that id."""
    found = session.execute(
        select(Conversation, Visitor.external_id)
        .outerjoin(Visitor, (Visitor.site_id == Conversation.site_id) & (Visitor.id == Conversation.visitor_id))
        .where(Conversation.site_id == site_id, Conversation.id == conversation_id)
    ).one_or_none()
    if found is None:
        return None
    conversation, visitor = found
    messages, cut = messages_of(session, site_id, conversation_id, newest)
    segments = session.scalars(
        select(Segment)
        .where(Segment.site_id == site_id, Segment.conversation_id == conversation_id)
        .order_by(Segment.number)
    ).all()
    if cut:
        first = next((index for index, segment in enumerate(segments) if segment.id in messages), 0)
        segments = segments[first:]
    own = {name: getattr(conversation, name) for name in TRANSCRIPT_FIELDS}
    parts = to_parts(session, site_id, segments, messages, now)
    return Transcript(**own, visitor=visitor, earlier=cut, parts=parts)


def messages_of(
    session: AnySession, site_id: UUID, conversation_id: UUID, newest: int | None
) -> tuple[dict[UUID, list[MessageLine]], bool]:
    """The newest messages by segment, each list oldest first, and whether there are earlier ones."""
    wanted = (
        select(Message, Agent.name, Segment.number)
        .join(Segment, (Segment.site_id == Message.site_id) & (Segment.id == Message.segment_id))
        .outerjoin(Agent, (Agent.site_id == Message.site_id) & (Agent.id == Message.agent_id))
        .where(Message.site_id == site_id, Message.conversation_id == conversation_id)
        .order_by(Segment.number.desc(), Message.sent_at.desc(), Message.arrival.desc())
    )
    rows = session.execute(wanted if newest is None else wanted.limit(newest + 1)).all()
    shown = rows if newest is None else rows[:newest]
    by_segment: dict[UUID, list[MessageLine]] = defaultdict(list)
    for message, agent, _ in reversed(shown):
        line = MessageLine(message.id, message.external_id, message.author, agent, message.text, message.sent_at)
        by_segment[message.segment_id].append(line)
    return by_segment, len(shown) < len(rows)


def to_parts(
    session: AnySession,
    site_id: UUID,
    segments: Sequence[Segment],
    messages: dict[UUID, list[MessageLine]],
    now: datetime,
) -> list[Part]:
    ids = [segment.id for segment in segments]
    ledgers, ratings = ledgers_of(session, site_id, ids), ratings_of(session, site_id, ids)
    return [
        to_part(segment, messages.get(segment.id, []), ledgers.get(segment.id, []), ratings.get(segment.id), now)
        for segment in segments
    ]


def to_part(
    segment: Segment, messages: list[MessageLine], ledger: list[Asking], rating: Rating | None, now: datetime
) -> Part:
    asking = deciding(ledger)
    frozen = asking.context if asking else {}
    wrote = list(dict.fromkeys(line.agent for line in messages if line.agent))
    return Part(
        id=segment.id,
        number=segment.number,
        opened_at=segment.opened_at,
        ended_at=segment.ended_at,
        ended_by=segment.ended_by,
        messages=messages,
        pin_message_id=segment.pin_message_id,
        state=state_of(segment.ended_at is not None, rating, asking, now),
        rating=rating,
        asking=asking,
        ledger=ledger,
        agents=[agent["name"] for agent in frozen["agents"]] if "agents" in frozen else wrote,
        credited=[agent["name"] for agent in credit_of(frozen)],
        credit=frozen.get("credit", "all"),
        team=frozen.get("team"),
    )


def history(session: AnySession, site_id: UUID, vote_id: UUID) -> list[Step] | None:
    """Every answer of a vote since its last removal, oldest first; None when this site has no such vote."""
    rows = session.execute(worded_votes(site_id).where(Vote.id == vote_id)).all()
    for _, rating in to_ratings(session, site_id, rows):
        return rating.steps
    return None
