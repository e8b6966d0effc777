"""Sign in to the console: check a password or a one-time link; sign out.

Flushes, never commits.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ..core import tokens
from ..core.errors import Forbidden, Unauthorized
from ..core.marked_texts import N_, marked
from ..storage.db import db
from . import passwords, users
from .models import LoginSession, User
from .sessions import is_used, open_login_session

LINK_LIFETIME = timedelta(minutes=15)
PREFIX = "tfi"
PURPOSE = "sign-in"
NEW_LINK_HINT = N_("create a new one with `tilfreds owner link`.")


def link_address(base_url: str, secret_keys: Sequence[bytes], now: datetime) -> str:
    """Return a new one-time link. Its token is behind #, which browsers send to no server and no log holds."""
    return f"{base_url}/console/sign-in/link#{make_link_token(secret_keys, now)}"


def make_link_token(secret_keys: Sequence[bytes], now: datetime) -> str:
    """Return the token of a one-time link.

    Nothing is stored: using the link is what marks it as used.
    """
    return tokens.sign(secret_keys, PREFIX, PURPOSE, {"once": tokens.random_text(16)}, now + LINK_LIFETIME)


def check_link_token(secret_keys: Sequence[bytes], token: str, now: datetime) -> None:
    """Raise Forbidden with the reason unless the link can still be used."""
    try:
        tokens.verify(secret_keys, PREFIX, PURPOSE, token, now)
    except tokens.ExpiredToken as error:
        raise Forbidden(
            marked("This link is older than 15 minutes: %(hint)s", hint=marked(NEW_LINK_HINT)), code="link_expired"
        ) from error
    except tokens.BadToken as error:
        raise Forbidden(
            marked("Invalid link: copy the whole link, or %(hint)s", hint=marked(NEW_LINK_HINT)), code="bad_link"
        ) from error
    if is_used(tokens.digest(token)):
        raise Forbidden(marked("This link was used before: %(hint)s", hint=marked(NEW_LINK_HINT)), code="link_used")


def redeem_link(secret_keys: Sequence[bytes], token: str, now: datetime, user_agent: str = "") -> str:
    """Sign in and return the value of the cookie.

    The unique constraint admits one of two simultaneous uses.

    Raises:
        Forbidden: the link has expired, is invalid or was used before.
        IntegrityError: the link was used at the same time.
    """
    check_link_token(secret_keys, token, now)
    return open_login_session(now, link_hash=tokens.digest(token), user_agent=user_agent)


def check_password(reading_engine: Engine, email: str, password: str) -> User:
    """Return the user with this e-mail address and password.

    The error and its time are the same for an unknown address, a wrong password and a disabled account. The password
    is checked before the transaction begins, because votes would wait for it.

    Raises:
        Unauthorized: the address and the password do not belong together.
        TooMany: too many passwords are being checked.
    """
    with Session(reading_engine) as reading:
        user = users.find_user(email, reading)
    password_hash = user.password_hash if user else None
    is_correct = passwords.is_correct(password_hash, password)
    current = db.session.get(User, user.id, populate_existing=True) if user and is_correct else None
    if current is None or current.disabled_at is not None or current.password_hash != password_hash:
        raise Unauthorized("Unknown e-mail address or wrong password.", code="wrong_password")
    return current


def session_id_of(cookie_value: str) -> UUID | None:
    """Return the id of the session with this cookie, for the log."""
    query = select(LoginSession.id).where(LoginSession.token_hash == tokens.digest(cookie_value))
    return db.session.scalar(query)


def sign_out(session: LoginSession, now: datetime) -> None:
    """End a session; its cookie becomes invalid and its live streams end."""
    session.ended_at = now
    db.session.flush()


def make_form_token(secret_keys: Sequence[bytes], session: LoginSession) -> str:
    """Return the CSRF token of a session's forms.

    It is checked in addition to the origin of a request.
    """
    return tokens.b64(tokens.mac(tokens.derive(secret_keys[0], "form"), session.id.bytes))


def check_form_token(secret_keys: Sequence[bytes], session: LoginSession, token: str) -> None:
    """Raise Forbidden unless the CSRF token of a form belongs to the session."""
    expected_tokens = [tokens.b64(tokens.mac(tokens.derive(key, "form"), session.id.bytes)) for key in secret_keys]
    if not any(hmac.compare_digest(expected.encode(), token.encode()) for expected in expected_tokens):
        raise Forbidden("This page is out of date; reload it.", code="csrf")
