"""Create and find API keys and console sessions. Flushes, never commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from ..core import clock, tokens
from ..storage.db import db
from .models import ApiKey, LoginSession

SCOPES = ("read", "write")
SESSION_LIFETIME = timedelta(days=14)
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


def open_login_session(link_hash: str, now: datetime) -> str:
    """Open a session with a one-time link and return the value of its cookie.

    Raises:
        IntegrityError: the link was used before.
    """
    value = tokens.random_text(32)
    session = LoginSession(
        token_hash=tokens.digest(value), link_hash=link_hash, created_at=now, expires_at=now + SESSION_LIFETIME
    )
    db.session.add(session)
    db.session.flush()
    return value


def find_login_session(value: str, now: datetime) -> LoginSession | None:
    """Return the open session of a cookie."""
    if not value:
        return None
    query = select(LoginSession).where(
        LoginSession.token_hash == tokens.digest(value), LoginSession.ended_at.is_(None), LoginSession.expires_at > now
    )
    return db.session.scalars(query).one_or_none()
