"""Reads of the people who answer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from ..storage.db import db
from .models import Agent


def agents_of(site_id: UUID, *, offset: int = 0, limit: int | None = None) -> Sequence[Agent]:
    """Those of the site, by name."""
    wanted = select(Agent).where(Agent.site_id == site_id).order_by(Agent.name, Agent.external_id)
    return db.session.scalars(wanted.offset(offset).limit(limit)).all()


def count_agents(site_id: UUID) -> int:
    return db.session.scalar(select(func.count()).select_from(Agent).where(Agent.site_id == site_id)) or 0


def by_external_id(site_id: UUID, external_id: str) -> Agent | None:
    """The site's agent of that id."""
    return db.session.scalars(
        select(Agent).where(Agent.site_id == site_id, Agent.external_id == external_id)
    ).one_or_none()
