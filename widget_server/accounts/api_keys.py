"""List and revoke the API keys of a site. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from ..core import clock
from ..core.errors import NotFound
from ..storage.db import db
from .models import ApiKey


def api_keys_of(site_id: UUID) -> Sequence[ApiKey]:
    """Return all keys of a site, revoked ones included, oldest first."""
    return db.session.scalars(
        select(ApiKey).where(ApiKey.site_id == site_id).order_by(ApiKey.created_at, ApiKey.id)
    ).all()


def revoke_api_key(site_id: UUID, key_id: UUID) -> ApiKey:
    """Revoke a key and return it. Revoking it again changes nothing.

    Raises:
        NotFound: the site has no such key.
    """
    key = db.session.get(ApiKey, (site_id, key_id))
    if key is None:
        raise NotFound("API key not found.")
    key.revoked_at = key.revoked_at or clock.now()
    db.session.flush()
    return key
