"""Queries of sites for the server's operator."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from ..storage.db import db
from .models import SigningSecret, Site


def all_sites() -> Sequence[Site]:
    """Return every site, removed ones included, oldest first."""
    return db.session.scalars(select(Site).order_by(Site.created_at, Site.id)).all()


def living_site_ids() -> set[UUID]:
    """Return the ids of the sites that were not removed."""
    return set(db.session.scalars(select(Site.id).where(Site.removed_at.is_(None))))


def signing_secrets_of(site: Site) -> Sequence[SigningSecret]:
    """Return the site's signing secrets, oldest first; the last one signs."""
    query = select(SigningSecret).where(SigningSecret.site_id == site.id)
    return db.session.scalars(query.order_by(SigningSecret.created_at, SigningSecret.key_id)).all()
