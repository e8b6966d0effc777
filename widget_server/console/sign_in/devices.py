"""Browsers that a user has signed in with before, so that a sign-in from another one causes a mail.

A signed cookie names the users of the browser. Nothing is stored on the server. A new password makes every browser
unknown again.
"""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response

from ...accounts import account_mails
from ...accounts.models import User
from ...auth.mail import mailer
from ...auth.signed_in import session_cookie
from ...core import clock, tokens
from ..browser_names import describe
from .cookie import is_pinned

LIFETIME = timedelta(days=365)
PREFIX = "tfd"
PURPOSE = "device"
#: How many users of one browser are remembered.
MAX_USERS = 5


def warn_of_new_device(user: User) -> None:
    """Tell a user by mail if this browser has not been used by them. Call it before the commit of a sign-in."""
    if _mark_of(user) not in _known_marks():
        browser = describe(request.headers.get("User-Agent", ""))
        account_mails.notify_new_device(mailer(), user, browser, clock.now())


def remember_device(response: Response, user: User) -> None:
    """Remember that a user has signed in with this browser."""
    marks = [_mark_of(user), *(mark for mark in _known_marks() if mark != _mark_of(user))][:MAX_USERS]
    token = tokens.sign(_secret_keys(), PREFIX, PURPOSE, {"users": marks}, clock.now() + LIFETIME)
    response.set_cookie(_cookie_name(), token, max_age=LIFETIME, secure=is_pinned(), httponly=True, samesite="Strict")


def _known_marks() -> list[str]:
    try:
        claims = tokens.verify(_secret_keys(), PREFIX, PURPOSE, request.cookies.get(_cookie_name(), ""), clock.now())
    except tokens.BadToken:
        return []
    marks: list[str] = claims["users"]
    return marks


def _mark_of(user: User) -> str:
    """Return a hash of a user and the present password, from which nothing about the user can be learned."""
    return tokens.digest(f"{user.id.hex}:{user.password_hash}")[:32]


def _cookie_name() -> str:
    return f"{session_cookie()}-device"


def _secret_keys() -> tuple[bytes, ...]:
    secret_keys: tuple[bytes, ...] = current_app.config["SECRET_KEYS"]
    return secret_keys
