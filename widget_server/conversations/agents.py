"""Reads of the people who answer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from ..db import db
from .models import Agent


def agents_of(site_id: UUID) -> Sequence[Agent]:
    """All of the site, by name."""
    return db.session.scalars(
        select(Agent).where(Agent.site_id == site_id).order_by(Agent.name, Agent.external_id)
    ).all()


def by_external_id(site_id: UUID, external_id: str) -> Agent | None:
    """The site's agent of that id."""
    return db.session.scalars(
        select(Agent).where(Agent.site_id == site_id, Agent.external_id == external_id)
    ).one_or_none()
