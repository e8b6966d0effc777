"""The set-up of an empty server: one link, with which the first person creates the owner's account.

The link is signed and not stored. It works while the server has neither a user nor a site, so an account makes every
link useless. Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from ..core import tokens
from ..core.errors import Forbidden
from ..core.marked_texts import N_, marked
from ..storage.db import db
from . import account_trail, users
from .models import User
from .sessions import open_login_session

LINK_LIFETIME = timedelta(hours=24)
PREFIX = "tfu"
PURPOSE = "set-up"
PATH = "/console/set-up"
#: A session's link is unique, so one constant admits one of two simultaneous set-ups, also with different links.
USED_LINK = tokens.digest(PURPOSE)
HINT = N_("Restart `tilfreds serve` to get a new one.")
#: Plain SQL, because the start of a server also runs it, which loads no models.
IS_EMPTY = text('SELECT NOT EXISTS (SELECT 1 FROM "user") AND NOT EXISTS (SELECT 1 FROM site)')


def link_address(base_url: str, secret_keys: Sequence[bytes], now: datetime) -> str:
    """Return a new link. Its token is behind #, which browsers send to no server and no log holds."""
    return f"{base_url}{PATH}#{tokens.sign(secret_keys, PREFIX, PURPOSE, {}, now + LINK_LIFETIME)}"


def is_empty(database: Connection | Session) -> bool:
    """Return whether the server has neither a user nor a site, not even a removed one."""
    return bool(database.execute(IS_EMPTY).scalar_one())


def check_link(database: Connection | Session, secret_keys: Sequence[bytes], token: str, now: datetime) -> None:
    """Raise Forbidden with the reason unless the link can still be used."""
    if not is_empty(database):
        raise Forbidden("This server is set up already: sign in.", code="set_up_done")
    try:
        tokens.verify(secret_keys, PREFIX, PURPOSE, token, now)
    except tokens.ExpiredToken as error:
        raise Forbidden(
            marked("This link is older than 24 hours. %(hint)s", hint=marked(HINT)), code="set_up_link"
        ) from error
    except tokens.BadToken as error:
        raise Forbidden(
            marked("This link is invalid: copy the whole link. %(hint)s", hint=marked(HINT)), code="set_up_link"
        ) from error


def create_owner(email: str, name: str, password: str) -> User:
    """Return the owner's account before it is stored, with its password as a hash.

    Call it outside a transaction, because votes would wait for the hash.

    Raises:
        Invalid: the e-mail address, the name or the password is unsuitable.
        TooMany: too many passwords are being checked.
    """
    address = users.to_email(email)
    owner = User(email=address, name=users.to_name(name, address))
    owner.password_hash = users.hash_new_password(owner, password)
    return owner


def store_owner(owner: User, now: datetime, user_agent: str) -> tuple[User, str]:
    """Store the owner and sign them in; return the stored user and the value of the cookie.

    Raises:
        IntegrityError: another person set up the server at the same time.
    """
    user = users.create_user(owner.email, owner.name, "owner", None)
    user.password_hash = owner.password_hash
    db.session.flush()
    cookie_value = open_login_session(now, user_id=user.id, link_hash=USED_LINK, user_agent=user_agent)
    account_trail.record_password(user)
    account_trail.record_sign_in(user, "set_up")
    return user, cookie_value
