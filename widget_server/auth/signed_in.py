"""Check the session of a person who is signed in to the console, and what their role allows."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import current_app, g, request

from ..accounts import sessions as login_sessions
from ..accounts import users
from ..accounts.factors import has_factor
from ..accounts.models import User
from ..accounts.roles import Right, Rights, find_rights, lock_owners
from ..core import clock
from ..core.errors import Forbidden, NotFound, Unauthorized
from ..sites.models import Site
from ..sites.second_factor import is_required_anywhere
from ..storage.db import db
from ..web.translations import choose_language
from .csrf import refuse_foreign_post
from .last_use import store_last_use
from .principal import Access, Principal

log = logging.getLogger("tilfreds.access")


def check_console(access: Access) -> None:
    """Set `g.login_session` and `g.rights`.

    Raises:
        Unauthorized: there is no open session.
        Forbidden: the page belongs to no site, and the role at all sites does not allow it.
    """
    now = clock.now()
    session = login_sessions.find_login_session(request.cookies.get(session_cookie(), ""), now, max_session_idle())
    if session and access == "write" and g.right == "manage_users":
        # Read after the lock: another owner may have taken the role meanwhile.
        lock_owners()
        db.session.refresh(session)
        session = session if session.ended_at is None else None
    rights = find_rights(session.user_id, with_groups=session.is_sign_on) if session else None
    if session is None or rights is None:
        raise Unauthorized("Sign in to continue.", code="signed_out")
    g.who = f"session={session.id}"
    if access == "write":
        refuse_foreign_post()
    if login_sessions.needs_touch(session, now):
        store_last_use(login_sessions.touch, session.id, now, access)
    g.principal = Principal("console", name=rights.name)
    g.login_session, g.rights = session, rights
    choose_language(rights.user.language if rights.user else None)
    if current_app.config["TILFREDS"].second_factor_required:
        _check_factor(rights)
    if g.right and "key" not in (request.view_args or {}):
        _check_right_everywhere(rights, g.right)


def check_again(user: User) -> User:
    """Return the signed-in user as stored now: others may have changed the account while a hash was computed.

    Raises: Unauthorized: the session has ended, or the user is disabled or has another password.
    """
    is_unchanged = users.lock_unchanged(user)
    db.session.refresh(g.login_session)
    if not is_unchanged or g.login_session.ended_at is not None:
        raise Unauthorized("Sign in to continue.", code="signed_out")
    return user


def _check_right_everywhere(rights: Rights, right: Right) -> None:
    """Check a right at all sites, which needs a second factor if one of them requires it."""
    if not rights.may_everywhere(right):
        raise Forbidden("Your role does not allow this. Ask an owner.", code="role")
    if is_required_anywhere():
        _check_factor(rights)


def _check_factor(rights: Rights) -> None:
    """Check that the person has a second factor. An owner's link, which needs access to the server, has none."""
    if g.needs_factor and rights.user is not None and not has_factor(rights.user.id):
        raise Forbidden("A second factor is required here. Add one to your profile.", code="second_factor")


def check_right(site: Site) -> None:
    """Check that the signed-in person may call this view for a site.

    Raises:
        NotFound: the person has no role at the site, which looks like a missing one.
        Forbidden: the role lacks the right of the view, or the person the second factor that the site requires.
    """
    rights: Rights = g.rights
    if rights.role_at(site.id) is None:
        raise NotFound("Site not found; check its key.", code="unknown_site")
    if g.right is None or not may(g.right, site):
        raise Forbidden("Your role at this site does not allow this. Ask an owner.", code="role")
    if site.second_factor_required:
        _check_factor(rights)


def may(right: Right, site: Site) -> bool:
    """Return whether the signed-in person has a right at a site, which may allow it to more roles."""
    rights: Rights = g.rights
    return rights.may(right, site.id, is_allowed=right == "read_personal" and site.analysts_see_personal)


def may_open(right: Right, site: Site) -> bool:
    """Return whether the signed-in person has a right at a site, and the second factor if the site requires one."""
    user = g.rights.user
    has_needed_factor = not site.second_factor_required or user is None or has_factor(user.id)
    return may(right, site) and has_needed_factor


def max_session_idle() -> timedelta:
    """Return how long a session lasts without a request."""
    return timedelta(hours=current_app.config["TILFREDS"].session_idle_hours)


def session_cookie() -> str:
    """Return the name of the console's cookie.

    Its prefix ties it to this host over TLS.
    """
    return "__Host-tilfreds" if current_app.config["PUBLIC_URL"].startswith("https:") else "tilfreds"
