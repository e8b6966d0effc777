"""Import conversations of another system, with the ends and ratings that they had there. Flushes, never commits.

No visitor is asked about an imported segment. Repeating an import adds only what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..conversations import service as conversations
from ..conversations.agents import find_agents_by_ids
from ..conversations.messages import NewMessage
from ..conversations.models import Agent, Conversation
from ..conversations.queries import count_stored
from ..conversations.sender_clock import TOLERANCE, find_end
from ..core.errors import Conflict, Invalid
from ..invitations.conversation_state import ConversationState, lock_state
from ..invitations.rules import IMPORTED
from ..invitations.service import Ending, add_messages, end_segment
from ..sites.models import Site
from ..storage.db import db
from ..visitors.service import remember_visitor
from .imported_ratings import ImportedRating, import_rating
from .models import Vote

MAX_MESSAGES_PER_CALL = 500
SOURCE = "import"


@dataclass(frozen=True)
class ImportedEnd:
    """The end of a segment, with the id of the agent who closed it, and the rating that the visitor gave."""

    ended_at: datetime
    closer: str | None = None
    rating: ImportedRating | None = None


@dataclass(frozen=True)
class ImportedConversation:
    """A conversation. `fields` are those of `conversations.service.FIELDS`.

    `messages` have the fields of `NewMessage`, with the agent's external id as `agent`.
    """

    external_id: str
    fields: Mapping[str, Any]
    visitor: str | None
    messages: Sequence[Mapping[str, Any]]
    ends: Sequence[ImportedEnd]


@dataclass(frozen=True)
class ImportCounts:
    """What an import added."""

    segments: int
    messages: int
    ratings: int


def import_conversation(site: Site, imported: ImportedConversation) -> ImportCounts:
    """Store a conversation with its messages, ends and ratings, and return what was added.

    Agents whom the site does not know are created with their id as name. Raises `Invalid` with a pointer, or
    `Conflict` for an erased visitor; the transaction must then be rolled back.
    """
    visitor = remember_visitor(site.id, imported.visitor) if imported.visitor is not None else None
    conversation = conversations.put_conversation(
        site, imported.external_id, imported.fields, visitor=visitor, browser_hash=None
    )
    if conversation.erased_at is not None:
        raise Conflict("The visitor was erased, so the conversation cannot be imported.", code="erased")
    agents = _find_agents(site, imported)
    message_count = _add_messages(site, conversation, imported.messages, agents)
    state = lock_state(conversation)
    old_decisions = len(state.decisions)
    rating_count = 0
    for position, end in sorted(enumerate(imported.ends), key=lambda item: item[1].ended_at):
        try:
            rating_count += _add_end(site, state, end, agents)
        except Invalid as error:
            error.pointer = f"/ends/{position}{error.pointer or ''}"
            raise
    return ImportCounts(len(state.decisions) - old_decisions, message_count, rating_count)


def _find_agents(site: Site, imported: ImportedConversation) -> dict[str, Agent]:
    """Return the agents of the messages and ends by their external ids. Missing ones are created."""
    writers = [message.get("agent") for message in imported.messages]
    ids = {agent_id for agent_id in (*writers, *(end.closer for end in imported.ends)) if agent_id is not None}
    known_agents = {agent.external_id: agent for agent in find_agents_by_ids(site.id, ids)}
    return {agent_id: known_agents.get(agent_id) or conversations.put_agent(site, agent_id) for agent_id in sorted(ids)}


def _add_messages(
    site: Site, conversation: Conversation, messages: Sequence[Mapping[str, Any]], agents: Mapping[str, Agent]
) -> int:
    new_messages = []
    for message in messages:
        agent_id = message.get("agent")
        new_messages.append(NewMessage(**{**message, "agent": agents[agent_id] if agent_id is not None else None}))
    known_count = count_stored(conversation)
    for start in range(0, len(new_messages), MAX_MESSAGES_PER_CALL):
        add_messages(site, conversation, new_messages[start : start + MAX_MESSAGES_PER_CALL])
    return count_stored(conversation) - known_count


def _add_end(site: Site, state: ConversationState, end: ImportedEnd, agents: Mapping[str, Agent]) -> int:
    """End the segment that was open at this time, without asking, and return the number of ratings added: 0 or 1."""
    last_end = find_end(state.last_segment)
    if last_end is not None and end.ended_at >= last_end + TOLERANCE:
        # No message was sent after the last end, so none has opened the segment that this one ends.
        conversations.open_segment(state.conversation, state.segments, last_end)
    closer = agents[end.closer] if end.closer is not None else None
    ending = Ending(SOURCE, "back_end", end.ended_at, closer, ask=False, reason=IMPORTED)
    decision = end_segment(site, state, ending)
    segment = state.segment_of(decision)
    has_vote = db.session.scalar(select(Vote.id).where(Vote.site_id == site.id, Vote.segment_id == segment.id))
    if end.rating is None or has_vote is not None:
        return 0
    if decision.status != "not_asked":
        detail = "Tilfreds asked about this segment itself; remove the rating from the import."
        raise Invalid(detail, code="conflict", pointer="/rating")
    import_rating(site, state, segment, end.rating)
    return 1
