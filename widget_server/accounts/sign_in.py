"""Signing in to the console by a one-time link, and out again. Flushes, never commits."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ..core import tokens
from ..core.errors import Forbidden
from ..storage.db import db
from .models import LoginSession
from .service import open_login_session

LINK_LIFE = timedelta(minutes=15)
PREFIX = "tfi"
PURPOSE = "sign-in"


def make_link_token(secret_keys: Sequence[bytes], now: datetime) -> str:
    """What the one-time link carries. Nothing is written: that it is used once is decided when it is used."""
    return tokens.sign(secret_keys, PREFIX, PURPOSE, {"once": tokens.random_text(16)}, now + LINK_LIFE)


def check_link_token(secret_keys: Sequence[bytes], token: str, now: datetime) -> None:
    """Raise `Forbidden` with the reason unless this link can still be used."""
    try:
        tokens.verify(secret_keys, PREFIX, PURPOSE, token, now)
    except tokens.ExpiredToken as error:
        raise Forbidden("This link is older than 15 minutes.", code="link_expired") from error
    except tokens.BadToken as error:
        raise Forbidden("This is not a link of this server, or it was cut short.", code="bad_link") from error
    used = select(LoginSession.id).where(LoginSession.link_hash == tokens.digest(token))
    if db.session.scalar(used) is not None:
        raise Forbidden("This link was used before; each one opens one session.", code="link_used")


def redeem(secret_keys: Sequence[bytes], token: str, now: datetime) -> str:
    """Sign in; the value of the cookie. Of two presses at once the unique constraint lets one through."""
    check_link_token(secret_keys, token, now)
    return open_login_session(tokens.digest(token), now)


def sign_out(session: LoginSession, now: datetime) -> None:
    """End the session: its cookie and its live streams are over."""
    session.ended_at = now
    db.session.flush()


def form_token(secret_keys: Sequence[bytes], session: LoginSession) -> str:
    """What every form of this session carries, beside the check of where it came from."""
    return tokens.b64(tokens.mac(tokens.derive(secret_keys[0], "form"), session.id.bytes))


def check_form_token(secret_keys: Sequence[bytes], session: LoginSession, given: str) -> None:
    expected = [tokens.b64(tokens.mac(tokens.derive(key, "form"), session.id.bytes)) for key in secret_keys]
    if not any(hmac.compare_digest(one.encode(), given.encode()) for one in expected):
        raise Forbidden("This page is out of date; reload it.", code="csrf")
