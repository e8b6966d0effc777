"""Sessions of people who are signed in to the console. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, update

from ..core import tokens
from ..core.errors import NotFound
from ..storage.db import db, table_of
from .models import LoginSession

SESSION_LIFETIME = timedelta(days=14)
#: After single sign-on. The provider is asked only at the sign-in, so this is how long a person who has left a group
#: may still have its role.
SIGN_ON_LIFETIME = timedelta(hours=12)
#: How exact the time of a session's last use is.
TOUCH_INTERVAL = timedelta(minutes=5)
MAX_USER_AGENT_LENGTH = 200
SESSION = table_of(LoginSession)


def open_login_session(
    now: datetime,
    *,
    user_id: UUID | None = None,
    link_hash: str | None = None,
    user_agent: str = "",
    is_sign_on: bool = False,
) -> str:
    """Open a session and return the value of its cookie.

    Raises:
        IntegrityError: the one-time link or the attempt of single sign-on was used before.
    """
    value = tokens.random_text(32)
    session = LoginSession(
        user_id=user_id,
        token_hash=tokens.digest(value),
        link_hash=link_hash,
        user_agent=user_agent[:MAX_USER_AGENT_LENGTH],
        created_at=now,
        last_used_at=now,
        confirmed_at=now,
        expires_at=now + (SIGN_ON_LIFETIME if is_sign_on else SESSION_LIFETIME),
        is_sign_on=is_sign_on,
    )
    db.session.add(session)
    db.session.flush()
    return value


def is_used(link_hash: str) -> bool:
    """Return whether a one-time link or an attempt of single sign-on has opened a session."""
    return db.session.scalar(select(LoginSession.id).where(LoginSession.link_hash == link_hash)) is not None


def find_login_session(value: str, now: datetime, max_idle: timedelta) -> LoginSession | None:
    """Return the open session of a cookie."""
    if not value:
        return None
    query = select(LoginSession).where(LoginSession.token_hash == tokens.digest(value), *_open_conditions(now))
    return db.session.scalars(query.where(LoginSession.last_used_at > now - max_idle)).one_or_none()


def list_sessions(user_id: UUID, now: datetime, max_idle: timedelta) -> Sequence[LoginSession]:
    """Return the open sessions of a user, the last used first."""
    query = select(LoginSession).where(LoginSession.user_id == user_id, *_open_conditions(now))
    query = query.where(LoginSession.last_used_at > now - max_idle)
    return db.session.scalars(query.order_by(LoginSession.last_used_at.desc(), LoginSession.id)).all()


def needs_touch(session: LoginSession, now: datetime) -> bool:
    """Return whether the stored time of the last use is older than `TOUCH_INTERVAL`."""
    return now - session.last_used_at >= TOUCH_INTERVAL


def touch(connection: Connection, session_id: UUID, now: datetime) -> None:
    """Store when a session was last used."""
    connection.execute(update(SESSION).where(SESSION.c.id == session_id).values(last_used_at=now))


def end_session(user_id: UUID, session_id: UUID, now: datetime) -> None:
    """End one session of a user; its cookie becomes invalid and its live streams end.

    Raises:
        NotFound: the user has no such session.
    """
    session = db.session.get(LoginSession, session_id)
    if session is None or session.user_id != user_id:
        raise NotFound("This session does not exist.")
    session.ended_at = session.ended_at or now
    db.session.flush()


def end_sessions(user_id: UUID, now: datetime, *, but: UUID | None = None) -> None:
    """End all sessions of a user, except the session `but`."""
    statement = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    if but is not None:
        statement = statement.where(LoginSession.id != but)
    db.session.execute(statement.values(ended_at=now))


def _open_conditions(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return LoginSession.ended_at.is_(None), LoginSession.expires_at > now
