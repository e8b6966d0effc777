"""Create and find API keys. Flushes, never commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from ..core import clock, tokens
from ..storage.db import db
from .models import ApiKey

SCOPES = ("read", "write")
API_KEY_BYTES = 24


def create_api_key(site_id: UUID, name: str, scopes: list[str]) -> tuple[ApiKey, str]:
    """Create a key of a site.

    Return it with its text, which is not stored and is displayed once.
    """
    text = f"tfk_{tokens.random_text(API_KEY_BYTES)}"
    key = ApiKey(site_id=site_id, name=name, scopes=scopes, key_hash=tokens.digest(text), created_at=clock.now())
    db.session.add(key)
    db.session.flush()
    return key, text


def find_api_key(text: str) -> ApiKey | None:
    """Return the key with this text, unless it is revoked."""
    query = select(ApiKey).where(ApiKey.key_hash == tokens.digest(text), ApiKey.revoked_at.is_(None))
    return db.session.scalars(query).one_or_none()
