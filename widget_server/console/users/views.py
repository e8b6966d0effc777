"""The users of this server: invite them, change their roles, disable them. For owners of all sites."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...accounts import account_links, account_mails, account_trail, factors, teams, users
from ...accounts.models import User
from ...accounts.roles import ROLES, Role, memberships_by_user, to_role
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...auth.mail import mailer
from ...conversations.agents import find_agent_id
from ...core import clock
from ...core.errors import Conflict, DomainError, Invalid
from ...core.marked_texts import marked
from ...sites.service import find_living_site
from ...storage.db import db
from ...web.problems import log_target
from ...web.translations import translate as _
from ..sign_in.confirmation import confirmed
from ..sign_in.views import check_form
from ..sites.switcher import visible_sites
from .roles import ROLE_LABELS, describe_memberships, rights_table


@requires("console", "read", right="manage_users")
def list_users() -> str:
    """Show all users, the form that invites one, and the table of rights."""
    return _render()


@requires("console", "write", right="manage_users")
@confirmed
def invite() -> Response:
    """Create a user and show the link with which the person sets a password."""
    check_form()
    form = {name: request.form.get(name, "").strip() for name in ("email", "name", "role", "site", "agent")}
    try:
        role, site_id = read_role(form["role"]), site_id_of(form["site"])
        agent_id = find_agent_id(site_id, form["agent"])
        user = users.create_user(form["email"], form["name"], role, site_id, agent_id)
        account_trail.record_invitation(user, role, site_id, by=current_actor())
    except DomainError as error:
        db.session.rollback()
        return _respond(_render(form=form, problem=error.detail), error.status)
    return _with_link(user)


@requires("console", "write", right="manage_users")
@confirmed
def renew_link(user_id: UUID) -> Response:
    """Show a new link with which a user sets a password."""
    check_form()
    user = users.get_user(user_id)
    account_trail.record_link(user, by=current_actor())
    return _with_link(user)


@requires("console", "write", right="manage_users")
@confirmed
def change_role(user_id: UUID) -> Response:
    """Set or remove the role of a user at a site or at all sites, which ends the user's sessions."""
    check_form()
    user = _other_user(user_id)
    role, site_id = request.form.get("role", ""), site_id_of(request.form.get("site", ""))
    with account_trail.role_change(user, site_id, by=current_actor()):
        agent_id = find_agent_id(site_id, request.form.get("agent", "").strip())
        users.set_role(user, read_role(role) if role else None, site_id, clock.now(), agent_id=agent_id)
    return _commit()


@requires("console", "write", right="manage_users")
@confirmed
def disable(user_id: UUID) -> Response:
    """Stop a user from signing in, and end the user's sessions."""
    return _set_disabled(user_id, True)


@requires("console", "write", right="manage_users")
@confirmed
def enable(user_id: UUID) -> Response:
    """Let a user sign in again."""
    return _set_disabled(user_id, False)


@requires("console", "write", right="manage_users")
@confirmed
def allow_sites(user_id: UUID) -> Response:
    """Let a user create sites, or no longer, which ends the user's sessions."""
    check_form()
    user, may_create = _other_user(user_id), request.form.get("allowed") == "yes"
    if user.may_create_sites != may_create:
        users.set_may_create_sites(user, may_create, clock.now())
        account_trail.record_may_create_sites(user, may_create, by=current_actor())
    return _commit()


@requires("console", "write", right="manage_users")
@confirmed
def remove_factors(user_id: UUID) -> Response:
    """Remove the second factors of a user who lost them, and end the user's sessions."""
    check_form()
    user = _other_user(user_id)
    factors.remove_all(user, clock.now())
    account_mails.notify_change(mailer(), user, "factor_removed", clock.now())
    account_trail.record_factor(user, "factor.removed", by=current_actor(), name="all")
    return _commit()


def _set_disabled(user_id: UUID, is_disabled: bool) -> Response:
    check_form()
    user = _other_user(user_id)
    users.set_disabled(user, is_disabled, clock.now())
    log_target("user", user.id)
    account_trail.record_access(user, is_disabled, by=current_actor())
    return _commit()


def _commit() -> Response:
    db.session.commit()
    return redirect(url_for("console.users"), 303)


def _other_user(user_id: UUID) -> User:
    """Return a user who is not the signed-in one, so that no owner locks themselves out."""
    if g.rights.user is not None and g.rights.user.id == user_id:
        raise Conflict("You cannot change your own role or account. Ask another owner.", code="own_account")
    return users.get_user(user_id)


def read_role(text: str) -> Role:
    """Return the role that a form chooses.

    Raises: Invalid: there is no such role.
    """
    try:
        return to_role(text)
    except ValueError as error:
        raise Invalid(marked("Choose a role: %(choices)s.", choices=", ".join(ROLES)), pointer="/role") from error


def site_id_of(key: str) -> UUID | None:
    """Return the id of the site with a key; None for all sites."""
    return find_living_site(key).id if key else None


def _with_link(user: User) -> Response:
    base_url = current_app.config["TILFREDS"].base_url
    now = clock.now()
    link, expires_at = account_links.create_link(base_url, user, now)
    invited_by = g.rights.user.name if g.rights.user else ""
    account_mails.send_link(mailer(), user, link, now, expires_at, invited_by)
    db.session.commit()
    values = {"link_user": user, "link_lifetime": expires_at - now, "is_mailed": mailer().is_set_up()}
    return _respond(_render(new_link=link, **values), 200)


def _respond(page: str, status: int) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _render(**values: Any) -> str:
    memberships = memberships_by_user()
    user_teams = teams.teams_by_user()
    rows = [
        (user, describe_memberships(memberships.get(user.id, [])), user_teams.get(user.id, []))
        for user in users.list_users()
    ]
    labels = {role: _(label) for role, label in ROLE_LABELS.items()}
    return render_template(
        "console/users.html",
        rows=rows,
        role_labels=labels,
        with_factor=factors.users_with_factor(),
        factor_required_by_server=current_app.config["TILFREDS"].second_factor_required,
        sites=visible_sites(),
        rights_table=rights_table(),
        **{"form": {}, "problem": "", "now": clock.now(), **values},
    )
