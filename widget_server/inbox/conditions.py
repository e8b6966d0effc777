"""The filters of the list of conversations, as SQL conditions.

All but the search for words read columns of the conversation, each with an index in the order of the list
(`newest_first.py` chooses one).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, select, tuple_

from ..conversations.models import Agent, Conversation, ConversationAgent, Segment
from ..core.text import fold
from ..ratings.models import Vote
from ..storage.db import table_of
from ..storage.prepared import AnySession
from ..surveys.scales import SENTIMENTS
from ..web.cursor import Place
from .conversation_filter import ConversationFilter
from .newest_first import Alternatives, Source, select_ids

CONVERSATION = table_of(Conversation)
VOTE_OF_SEGMENT = and_(Vote.site_id == Segment.site_id, Vote.segment_id == Segment.id)
#: The columns that hold the tags of a conversation.
TAGS = (Conversation.case_type, Conversation.product_area, Conversation.touchpoint)
#: The filters that an index of conversations matches.
DRIVERS = ("tag", "team", "reason", "history", "sentiment", "status", "channel")

#: Less than every id. Compared with it, a column must have a value, and SQLite chooses the index of comments: the only
#: one on that column which is partial.
FIRST_ID = UUID(int=0)

Conditions = Sequence[ColumnElement[bool]]


def select_conversations(
    session: AnySession,
    site_id: UUID,
    conversation_filter: ConversationFilter,
    now: datetime,
    *,
    after: Place | None = None,
    limit: int,
) -> Select[UUID, datetime] | None:
    """Select ids and times of the latest conversations that match a filter, or None if it matches nothing."""
    values = conversation_filter.active_values()
    alternatives = find_alternatives(site_id, conversation_filter, now)
    if "q" in values:
        # The filter has the site. SQLite would read a whole index of the site to find the conversations.
        base = select(Conversation.id, Conversation.latest_at)
        sources = {"q": replace(all_of_site(site_id), base=base, is_ordered=False)}
    else:
        sources = find_sources(session, site_id, values.get("agent"))
    return select_ids(session, sources, alternatives, after=after, limit=limit)


def find_sources(session: AnySession, site_id: UUID, agent: str | None) -> dict[str, Source]:
    """Return the source of each filter that an index matches, and under "" that of all conversations."""
    sources = dict.fromkeys(("", *DRIVERS), all_of_site(site_id))
    if agent is not None:
        sources["agent"] = source_of_agent(site_id, find_agent_id(session, site_id, agent))
    return sources


def find_agent_id(session: AnySession, site_id: UUID, external_id: str) -> UUID | None:
    return session.scalar(select(Agent.id).where(Agent.site_id == site_id, Agent.external_id == external_id))


def all_of_site(site_id: UUID) -> Source:
    """Return the list of all conversations."""
    columns = (Conversation.id, Conversation.latest_at)
    base = select(*columns).where(Conversation.site_id == site_id)
    return Source(site_id, CONVERSATION, "latest_at", base, *columns)


def source_of_agent(site_id: UUID, agent_id: UUID | None) -> Source:
    """Return the list of the conversations that an agent wrote in; an unknown one wrote in none."""
    columns = (ConversationAgent.conversation_id, ConversationAgent.latest_at)
    base = select(*columns).where(ConversationAgent.site_id == site_id, ConversationAgent.agent_id == agent_id)
    is_same = and_(
        Conversation.site_id == ConversationAgent.site_id, Conversation.id == ConversationAgent.conversation_id
    )
    return Source(site_id, CONVERSATION, "latest_at", base, *columns, is_same)


def find_alternatives(site_id: UUID, conversation_filter: ConversationFilter, now: datetime) -> Alternatives:
    """Return the conditions of each active filter on `Conversation`."""
    values = conversation_filter.active_values()
    return {name: FILTERS[name](site_id, value, now) for name, value in values.items()}


def by_status(site_id: UUID, status: str, now: datetime) -> Conditions:
    if status == "unread":
        return [Conversation.unread_since.is_not(None)]
    if status == "waiting":
        return [Conversation.waiting_until > now]
    if status == "negative":
        return [Conversation.sentiment == "negative"]
    if status == "rated":
        return [Conversation.sentiment == sentiment for sentiment in SENTIMENTS.values()]
    return [Conversation.not_asked_reason.is_not(None)]


def by_history(site_id: UUID, history: str, now: datetime) -> Conditions:
    column = Conversation.is_asked_again if history == "asked_again" else Conversation.is_recovered
    return [column.is_(True)]


def has_agent(site_id: UUID, external_id: str, now: datetime) -> Conditions:
    """Match conversations in which an agent wrote, one by one."""
    agent = select(Agent.id).where(Agent.site_id == site_id, Agent.external_id == external_id).scalar_subquery()
    wrote = select(ConversationAgent.agent_id).where(
        ConversationAgent.site_id == Conversation.site_id,
        ConversationAgent.conversation_id == Conversation.id,
        ConversationAgent.agent_id == agent,
    )
    return [exists(wrote.correlate(Conversation))]


def has_comment(site_id: UUID, words: str, now: datetime) -> Conditions:
    """Match conversations in which a comment of any segment contains these words."""
    folded = Vote.comment_folded.contains(fold(words), autoescape=True)
    with_words = (
        select(Segment.site_id, Segment.conversation_id)
        .join(Vote, VOTE_OF_SEGMENT)
        .where(Vote.site_id == site_id, Vote.segment_id >= FIRST_ID, Vote.comment_folded.is_not(None), folded)
    )
    return [tuple_(Conversation.site_id, Conversation.id).in_(with_words)]


#: The condition of each filter, by its name in the address.
FILTERS: dict[str, Callable[[UUID, str, datetime], Conditions]] = {
    "status": by_status,
    "sentiment": lambda site_id, sentiment, now: [Conversation.sentiment == sentiment],
    "reason": lambda site_id, reason, now: [Conversation.not_asked_reason == reason],
    "history": by_history,
    "agent": has_agent,
    "team": lambda site_id, team, now: [Conversation.team == team],
    "channel": lambda site_id, channel, now: [Conversation.channel == channel],
    "tag": lambda site_id, tag, now: [column == tag for column in TAGS],
    "q": has_comment,
}
