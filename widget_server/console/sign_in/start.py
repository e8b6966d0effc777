"""Start a session after the first step of a sign-in, or ask for the second one."""

from __future__ import annotations

from flask import current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from ...accounts import account_trail, factors, second_step, sign_in, users
from ...accounts.second_step import FirstStep
from ...accounts.sessions import open_login_session
from ...core import clock
from ...core.errors import Unauthorized
from ...storage.db import db
from .cookie import delete_step_cookie, set_session_cookie, set_step_cookie
from .devices import remember_device, warn_of_new_device


def first_method(step: FirstStep) -> str:
    """Return how the audit log names a first step."""
    return "single sign-on" if step.sign_on_hash else "password"


def finish_first_step(step: FirstStep, *, warns: bool = True) -> Response:
    """Open a session, or lead a user with a second factor to its page; commits."""
    if not factors.has_factor(step.user.id):
        return start_session(step, first_method(step), warns=warns)
    token = second_step.make_token(current_app.config["SECRET_KEYS"], step, clock.now())
    db.session.commit()
    response = redirect(url_for("console.second_step_page"), 303)
    set_step_cookie(response, token)
    return response


def start_session(step: FirstStep, method: str, *, warns: bool = True) -> Response:
    """Open a session and lead to the page that was asked for; commits. `warns` of a new browser by mail.

    Raises: Unauthorized: the account was changed at the same time.
    """
    user = step.user
    # A new password that was set meanwhile has ended only the sessions that were stored then.
    if not users.lock_unchanged(user):
        raise Unauthorized("Sign in to continue.", code="signed_out")
    user_agent = request.headers.get("User-Agent", "")
    cookie_value = open_login_session(
        clock.now(),
        user_id=user.id,
        link_hash=step.sign_on_hash or None,
        user_agent=user_agent,
        is_sign_on=bool(step.sign_on_hash),
    )
    account_trail.record_sign_in(user, method)
    if warns:
        warn_of_new_device(user)
    g.who = f"session={sign_in.session_id_of(cookie_value)}"
    db.session.commit()
    response = redirect(step.next_path or url_for("console.sites"), 303)
    set_session_cookie(response, cookie_value)
    remember_device(response, user)
    delete_step_cookie(response)
    return response
