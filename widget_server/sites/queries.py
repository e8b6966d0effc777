"""Reads of sites for the operator of the server."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ..storage.db import db
from .models import SigningSecret, Site


def all_sites() -> Sequence[Site]:
    """Every site, removed ones too, oldest first."""
    return db.session.scalars(select(Site).order_by(Site.created_at, Site.id)).all()


def signing_secrets_of(site: Site) -> Sequence[SigningSecret]:
    """The site's signing secrets, oldest first; the last one signs."""
    wanted = select(SigningSecret).where(SigningSecret.site_id == site.id)
    return db.session.scalars(wanted.order_by(SigningSecret.created_at, SigningSecret.key_id)).all()
