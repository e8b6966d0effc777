"""Queries of the agents of a site."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select

from ..core.errors import Invalid
from ..core.text import fold
from ..storage.db import db
from .models import Agent


def find_agents(site_id: UUID, *, offset: int = 0, limit: int | None = None) -> Sequence[Agent]:
    """Return the agents of a site, ordered by name."""
    query = select(Agent).where(Agent.site_id == site_id).order_by(Agent.name, Agent.external_id)
    return db.session.scalars(query.offset(offset).limit(limit)).all()


def search_agents(site_id: UUID, words: str) -> list[Agent]:
    """Return the agents whose name, team or external id contains every word, ordered by name.

    Names are compared here, because SQLite ignores case only in English letters.
    """
    folded_words = fold(words).split()
    return [
        agent
        for agent in find_agents(site_id)
        if all(word in fold(f"{agent.name} {agent.team or ''} {agent.external_id}") for word in folded_words)
    ]


def count_agents(site_id: UUID) -> int:
    return db.session.scalar(select(func.count()).select_from(Agent).where(Agent.site_id == site_id)) or 0


def find_agents_by_ids(site_id: UUID, external_ids: Collection[str]) -> Sequence[Agent]:
    """Return those agents of a site whom its back end knows by these ids."""
    if not external_ids:
        return ()
    return db.session.scalars(select(Agent).where(Agent.site_id == site_id, Agent.external_id.in_(external_ids))).all()


def find_agent(site_id: UUID, external_id: str) -> Agent | None:
    """Return the agent with this id of the site's back end, or None."""
    return db.session.scalars(
        select(Agent).where(Agent.site_id == site_id, Agent.external_id == external_id)
    ).one_or_none()


def find_agent_of_user(site_id: UUID, agent_id: UUID | None, email: str) -> Agent | None:
    """Return the agent whom a user is: the one that an owner named, else the one with the user's e-mail address."""
    if agent_id is not None:
        return db.session.get(Agent, (site_id, agent_id))
    return db.session.scalars(select(Agent).where(Agent.site_id == site_id, Agent.email == email)).one_or_none()


def find_agent_id(site_id: UUID | None, external_id: str) -> UUID | None:
    """Return the id of the agent whom a user shall be; None for none.

    Raises: Invalid: the site has no such agent, or the role is at all sites.
    """
    if not external_id:
        return None
    if site_id is None:
        raise Invalid("Choose the site of the agent, or use the agent's e-mail address.", pointer="/agent")
    agent = find_agent(site_id, external_id)
    if agent is None:
        raise Invalid("The site has no agent with this id; create it with PUT /api/v1/agents/{id}.", pointer="/agent")
    return agent.id


def external_ids_of(agent_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the ids that back ends gave these agents."""
    if not agent_ids:
        return {}
    rows = db.session.execute(select(Agent.id, Agent.external_id).where(Agent.id.in_(agent_ids)))
    return {row.id: row.external_id for row in rows}
