"""Who is credited with an answer: decided when asking, by the site's rule, and frozen with the question.

- `all`: every agent of the part, those who wrote and the one who closed it, shares in it.
- `closer`: who closed it; where nobody of them did, who wrote last.
- `last`: who wrote last; where nobody wrote, who closed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ..conversations.models import Agent, Message, Segment
from ..storage.db import db


def credited(rule: str, segment: Segment, agents: Sequence[Agent]) -> list[Agent]:
    """Those of the segment's agents whom the rule credits; `rule` is one of `sites.service.CREDIT`."""
    if rule == "all" or len(agents) < 2:
        return list(agents)
    closer = segment.closer_agent_id
    wanted = closer if rule == "closer" and closer else last_to_write(segment) or closer
    return [agent for agent in agents if agent.id == wanted]


def last_to_write(segment: Segment) -> UUID | None:
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


def credit_of(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The agents that a frozen context credits, {"id", "name", "team"} each; before there were rules all shared."""
    found: list[dict[str, Any]] = context.get("credited", context.get("agents", []))
    return found
