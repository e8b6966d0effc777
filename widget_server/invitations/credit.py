"""The agents credited with an answer, chosen by the site's rule when asking and frozen with the invitation.

- `all`: every agent of the segment: those who wrote and the one who closed it.
- `closer`: the agent who closed it, or if none did, the last one who wrote.
- `last`: the last agent who wrote, or if none did, the one who closed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ..conversations.models import Agent, Message, Segment
from ..storage.db import db


def choose_credited_agents(rule: str, segment: Segment, agents: Sequence[Agent]) -> list[Agent]:
    """Return those of the segment's agents whom the rule credits; `rule` is one of `sites.service.CREDIT`."""
    if rule == "all" or len(agents) < 2:
        return list(agents)
    closer = segment.closer_agent_id
    credited_id = closer if rule == "closer" and closer else find_last_writer(segment) or closer
    return [agent for agent in agents if agent.id == credited_id]


def find_last_writer(segment: Segment) -> UUID | None:
    return db.session.scalar(
        select(Message.agent_id)
        .where(
            Message.site_id == segment.site_id,
            Message.segment_id == segment.id,
            Message.author == "agent",
            Message.agent_id.is_not(None),
        )
        .order_by(Message.sent_at.desc(), Message.arrival.desc())
        .limit(1)
    )


def read_credited_agents(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the agents that a frozen context credits, each {"id", "external_id", "name", "team"}.

    Contexts that were frozen before the rule existed credit all agents, and the oldest have no `external_id`.
    """
    agents: list[dict[str, Any]] = context.get("credited", context.get("agents", []))
    return agents
