"""Create and find API keys. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, or_, select, update

from ..core import clock, tokens
from ..core.errors import Invalid
from ..storage.db import db, table_of
from .models import ApiKey

API_KEY_BYTES = 24
#: How exact the time of a key's last use is.
USE_INTERVAL = timedelta(hours=1)
KEY = table_of(ApiKey)


def create_api_key(
    site_id: UUID, name: str, scopes: Sequence[str], *, created_by: str, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Create a key of a site.

    Return it with its text, which is not stored and is displayed once.

    Raises: Invalid: the key has expired already.
    """
    now = clock.now()
    if expires_at is not None and expires_at <= now:
        raise Invalid("The key would have expired already; choose a later time.", pointer="/expires_at")
    text = f"tfk_{tokens.random_text(API_KEY_BYTES)}"
    key = ApiKey(
        site_id=site_id,
        name=name,
        scopes=list(scopes),
        key_hash=tokens.digest(text),
        created_at=now,
        created_by=created_by,
        expires_at=expires_at,
    )
    db.session.add(key)
    db.session.flush()
    return key, text


def find_api_key(text: str, now: datetime) -> ApiKey | None:
    """Return the key with this text, unless it is revoked or has expired."""
    is_open = KEY.c.revoked_at.is_(None) & or_(KEY.c.expires_at.is_(None), KEY.c.expires_at > now)
    query = select(ApiKey).where(ApiKey.key_hash == tokens.digest(text), is_open)
    return db.session.scalars(query).one_or_none()


def is_open(key: ApiKey | None, now: datetime) -> bool:
    """Return whether a key exists and is neither revoked nor expired."""
    return key is not None and key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def needs_touch(key: ApiKey, now: datetime) -> bool:
    """Return whether the stored time of the last use is older than `USE_INTERVAL`."""
    return key.last_used_at is None or now - key.last_used_at >= USE_INTERVAL


def touch(connection: Connection, key_id: UUID, now: datetime) -> None:
    """Store when a key was last used."""
    connection.execute(update(KEY).where(KEY.c.id == key_id).values(last_used_at=now))
