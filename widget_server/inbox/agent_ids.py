"""The owner's ids of agents in frozen contexts, which differ where names are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ..conversations.models import Agent
from ..storage.prepared import AnySession

#: The owner's id of each agent whose frozen entry has none, by our id as text.
FoundIds = Mapping[str, str]


def find_missing_ids(session: AnySession, site_id: UUID, contexts: Iterable[Mapping[str, Any] | None]) -> FoundIds:
    """Return the owner's ids of the agents whose entries were frozen without one."""
    missing_ids = {
        UUID(agent["id"])
        for context in contexts
        for name in ("agents", "credited")
        for agent in (context or {}).get(name, ())
        if "external_id" not in agent
    }
    if not missing_ids:
        return {}
    query = select(Agent.id, Agent.external_id).where(Agent.site_id == site_id, Agent.id.in_(missing_ids))
    return {str(agent_id): external_id for agent_id, external_id in session.execute(query)}


def to_external_ids(agents: Sequence[Mapping[str, Any]], found_ids: FoundIds) -> list[str | None]:
    """Return the owner's id of each frozen entry, in their order."""
    return [agent.get("external_id") or found_ids.get(agent["id"]) for agent in agents]
