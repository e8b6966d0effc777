"""The account of the signed-in person: roles, password and sessions."""

from __future__ import annotations

from uuid import UUID

from flask import g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...accounts import account_mails, account_trail, passkeys, passwords, recovery_codes, totp, users
from ...accounts.models import User
from ...accounts.roles import memberships_of, team_roles_of
from ...accounts.sessions import end_session, end_sessions, list_sessions
from ...auth.access import requires
from ...auth.mail import mailer
from ...auth.signed_in import check_again, max_session_idle
from ...core import clock
from ...core.catalogues import LANGUAGES, is_reviewed
from ...core.errors import DomainError, Forbidden, Invalid
from ...storage.db import db
from ...web import rate_limits
from ...web.problems import log_target
from ...web.translations import page_language
from ..browser_names import describe
from ..sign_in.limits import ATTEMPTS_PER_ACCOUNT, MAX_FIELD_LENGTH, WINDOW_MINUTES
from ..sign_in.views import check_form
from ..users.roles import describe_memberships
from .required_factor import places_without_factor


@requires("console", "read", needs_factor=False)
def profile() -> str:
    """Show the account; a session of an owner's link has none."""
    return _render()


@requires("console", "write", needs_factor=False)
def change_password() -> Response:
    """Set a new password, after the current one, and end all other sessions."""
    check_form()
    user = signed_in_user()
    session_id = g.login_session.id
    # Release the writing connection: the hashes take longer than a vote may wait.
    db.session.commit()
    try:
        rate_limits.hit_minutes("change password", str(user.id), ATTEMPTS_PER_ACCOUNT, WINDOW_MINUTES)
        if not passwords.is_correct(user.password_hash, request.form.get("current_password", "")[:MAX_FIELD_LENGTH]):
            raise Invalid("The current password is wrong.", pointer="/current_password")
        password_hash = users.hash_new_password(user, request.form.get("password", "")[:MAX_FIELD_LENGTH])
    except DomainError as error:
        return make_response(_render(problem=error.detail), error.status)
    current_user = check_again(user)
    users.set_password_hash(current_user, password_hash, clock.now(), but=session_id)
    account_trail.record_password(current_user)
    account_mails.notify_change(mailer(), current_user, "password_changed", clock.now())
    db.session.commit()
    return redirect(url_for("console.profile"), 303)


@requires("console", "write", needs_factor=False)
def choose_language() -> Response:
    """Set the language of the signed-in person; without one, pages follow the browser."""
    check_form()
    users.choose_language(signed_in_user(), request.form.get("language") or None)
    db.session.commit()
    return redirect(url_for("console.profile"), 303)


@requires("console", "write", needs_factor=False)
def end_one_session(session_id: UUID) -> Response:
    """End a session of the signed-in person, in this browser or another."""
    check_form()
    end_session(signed_in_user().id, session_id, clock.now())
    log_target("session", session_id)
    db.session.commit()
    return redirect(url_for("console.profile"), 303)


@requires("console", "write", needs_factor=False)
def end_other_sessions() -> Response:
    """End all sessions of the signed-in person but this one."""
    check_form()
    end_sessions(signed_in_user().id, clock.now(), but=g.login_session.id)
    db.session.commit()
    return redirect(url_for("console.profile"), 303)


def signed_in_user() -> User:
    """Return the signed-in user.

    Raises: Forbidden: the session was opened by an owner's link, which belongs to no user.
    """
    user: User | None = g.rights.user
    if user is None:
        raise Forbidden("You are signed in by an owner's link, which has no account.", code="no_account")
    return user


def _render(problem: str = "") -> str:
    user, now = g.rights.user, clock.now()
    return render_template(
        "console/profile.html",
        user=user,
        roles=describe_memberships([*memberships_of(user.id), *team_roles_of(user.id)]) if user else [],
        sessions=list_sessions(user.id, now, max_session_idle()) if user else [],
        current_session=g.login_session,
        min_length=passwords.MIN_LENGTH,
        max_length=passwords.MAX_LENGTH,
        describe_browser=describe,
        passkeys=passkeys.list_passkeys(user.id) if user else [],
        totp_factors=totp.list_totp(user.id) if user else [],
        factor_required_at=places_without_factor(user) if user else [],
        unused_code_count=recovery_codes.count_unused(user.id) if user else 0,
        languages=LANGUAGES,
        is_reviewed=is_reviewed(page_language()),
        problem=problem,
        now=now,
    )
