"""The step between a correct password, or single sign-on, and a session: the person has to show a second factor.

A signed token, which the browser keeps in a cookie, says who has passed the first step. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from ..core import tokens
from ..core.errors import Unauthorized
from ..storage.db import db
from .models import User

LIFETIME = timedelta(minutes=10)
PREFIX = "tfs"
PURPOSE = "second-step"


class FirstStep(NamedTuple):
    """What a sign-in has proved before its second step."""

    user: User
    #: The page where the sign-in leads.
    next_path: str
    #: The hash of the attempt of single sign-on; empty after a password.
    sign_on_hash: str = ""


def make_token(secret_keys: Sequence[bytes], step: FirstStep, now: datetime) -> str:
    """Return the token of a user after the first step; a new password makes it invalid."""
    user = step.user
    claims = {"user": user.id.hex, "password": _fingerprint(user), "next": step.next_path, "sign_on": step.sign_on_hash}
    return tokens.sign(secret_keys, PREFIX, PURPOSE, claims, now + LIFETIME)


def read_token(secret_keys: Sequence[bytes], token: str, now: datetime) -> FirstStep:
    """Return the first step of a token.

    Raises: Unauthorized: the token is missing, invalid or older than `LIFETIME`, or the account has changed since.
    """
    try:
        claims = tokens.verify(secret_keys, PREFIX, PURPOSE, token, now)
    except tokens.BadToken as error:
        raise _sign_in_again() from error
    user = db.session.get(User, UUID(claims["user"]))
    if user is None or user.disabled_at is not None or _fingerprint(user) != claims["password"]:
        raise _sign_in_again()
    return FirstStep(user, claims["next"], claims.get("sign_on", ""))


def _sign_in_again() -> Unauthorized:
    return Unauthorized("The sign-in took too long. Sign in again.", code="signed_out")


def _fingerprint(user: User) -> str:
    return tokens.digest(user.password_hash or "")[:16]
