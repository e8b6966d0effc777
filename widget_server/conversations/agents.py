"""Queries of the agents of a site."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select

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
