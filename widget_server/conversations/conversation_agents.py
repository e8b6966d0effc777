"""The agents who wrote in a conversation, by which their lists and what they may read are found."""

from __future__ import annotations

from collections.abc import Set
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from ..storage.db import db
from .models import Conversation, ConversationAgent, Message


def add_agents(conversation: Conversation, agent_ids: Set[UUID]) -> None:
    """Add agents who wrote in a conversation."""
    for agent_id in sorted(agent_ids - _find_agents(conversation)):
        db.session.add(
            ConversationAgent(
                site_id=conversation.site_id,
                conversation_id=conversation.id,
                agent_id=agent_id,
                latest_at=conversation.latest_at,
            )
        )
    db.session.flush()


def refresh_agents(conversation: Conversation) -> None:
    """Find the agents of a conversation again, after messages were moved, corrected or removed."""
    writers = select(Message.agent_id).where(
        Message.site_id == conversation.site_id,
        Message.conversation_id == conversation.id,
        Message.agent_id.is_not(None),
    )
    writer_ids = {agent_id for agent_id in db.session.scalars(writers.distinct()) if agent_id is not None}
    gone_ids = _find_agents(conversation) - writer_ids
    if gone_ids:
        db.session.execute(
            delete(ConversationAgent).where(*_match(conversation), ConversationAgent.agent_id.in_(gone_ids))
        )
    add_agents(conversation, writer_ids)


def _find_agents(conversation: Conversation) -> set[UUID]:
    return set(db.session.scalars(select(ConversationAgent.agent_id).where(*_match(conversation))))


def _match(conversation: Conversation) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        ConversationAgent.site_id == conversation.site_id,
        ConversationAgent.conversation_id == conversation.id,
    )
