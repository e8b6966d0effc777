"""Links with which a user sets a password: after an invitation, or after it was forgotten.

The code of a link is behind `#` in its address, so that no log, history or referrer of a server stores it.
Flushes, never commits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ..core import tokens
from ..core.errors import Forbidden
from ..core.marked_texts import marked
from ..storage.db import db
from . import users
from .models import AccountLink, User

INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(hours=1)
CODE_BYTES = 32
PATH = "/console/set-password"


def create_link(base_url: str, user: User, now: datetime, *, replaces_earlier: bool = True) -> tuple[str, datetime]:
    """Return the address of a new link and when it expires. Earlier links of the user become invalid."""
    if replaces_earlier:
        users.invalidate_links(user, now)
    code = tokens.random_text(CODE_BYTES)
    expires_at = now + (RESET_LIFETIME if user.password_hash else INVITATION_LIFETIME)
    link = AccountLink(user_id=user.id, code_hash=tokens.digest(code), created_at=now, expires_at=expires_at)
    db.session.add(link)
    db.session.flush()
    return f"{base_url}{PATH}#{code}", expires_at


def redeem_link(reading_engine: Engine, code: str, password: str, now: datetime) -> tuple[User, bool]:
    """Set the password of the link's user. Return the user, and whether it is the first password.

    Raises:
        Forbidden: the code is unknown, was used before or has expired, or the user is disabled.
        Invalid: the password is too short, too long or too easy to guess; the link can still be used.
        TooMany: too many passwords are being checked.
    """
    query = select(AccountLink).where(AccountLink.code_hash == tokens.digest(code.strip()))
    with Session(reading_engine) as reading:
        user = _user_of(reading, reading.scalars(query).one_or_none(), now)
    password_hash = users.hash_new_password(user, password)
    # This link or another one may have been used while the hash was computed.
    users.lock_user(users.get_user(user.id))
    user = _user_of(db.session(), db.session.scalars(query).one_or_none(), now)
    is_first = user.password_hash is None
    users.set_password_hash(user, password_hash, now)
    return user, is_first


def _user_of(session: Session, link: AccountLink | None, now: datetime) -> User:
    """Return the user of a link. Raise Forbidden unless it can be used."""
    if link is None or link.used_at is not None or link.expires_at <= now:
        detail = marked("This link is invalid, was used before or has expired. Ask an owner for a new one.")
        raise Forbidden(detail, code="bad_account_link")
    user = session.get_one(User, link.user_id)
    if user.disabled_at is not None:
        raise Forbidden("This account is disabled. Ask an owner to enable it.", code="user_disabled")
    return user
