"""Keys of the owner's back end and console sessions: made, found, ended. Flushes, never commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from ..core import clock, tokens
from ..storage.db import db
from .models import ApiKey, LoginSession

SCOPES = ("read", "write")
SESSION_LENGTH = timedelta(days=14)
API_KEY_BYTES = 24


def create_api_key(site_id: UUID, name: str, scopes: list[str]) -> tuple[ApiKey, str]:
    """A new key of the site and its text, which is nowhere kept and shown once."""
    text = f"tfk_{tokens.random_text(API_KEY_BYTES)}"
    key = ApiKey(site_id=site_id, name=name, scopes=scopes, key_hash=tokens.digest(text), created_at=clock.now())
    db.session.add(key)
    db.session.flush()
    return key, text


def find_api_key(text: str) -> ApiKey | None:
    """The living key with this text."""
    wanted = select(ApiKey).where(ApiKey.key_hash == tokens.digest(text), ApiKey.revoked_at.is_(None))
    return db.session.scalars(wanted).one_or_none()


def open_login_session(link_hash: str, now: datetime) -> str:
    """Sign in with a one-time link; the cookie's value. A link used before breaks the unique constraint at flush."""
    value = tokens.random_text(32)
    session = LoginSession(
        token_hash=tokens.digest(value), link_hash=link_hash, created_at=now, expires_at=now + SESSION_LENGTH
    )
    db.session.add(session)
    db.session.flush()
    return value


def find_login_session(value: str, now: datetime) -> LoginSession | None:
    """The open session of this cookie."""
    if not value:
        return None
    wanted = select(LoginSession).where(
        LoginSession.token_hash == tokens.digest(value), LoginSession.ended_at.is_(None), LoginSession.expires_at > now
    )
    return db.session.scalars(wanted).one_or_none()
