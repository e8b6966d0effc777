"""The teams of this server: their members and their roles. For owners of all sites."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...accounts import team_trail, teams, users
from ...accounts.team_models import Team
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core import clock
from ...core.errors import Conflict, DomainError
from ...storage.db import db
from ...web.translations import translate as _
from ..sign_in.confirmation import confirmed
from ..sign_in.views import check_form
from ..sites.switcher import visible_sites
from ..users.roles import ROLE_LABELS, describe_memberships
from ..users.views import read_role, site_id_of


def add_rules(blueprint: Blueprint) -> None:
    """Add the page and its forms."""
    blueprint.add_url_rule("/teams", "teams", list_teams)
    blueprint.add_url_rule("/teams", "create_team", create_team, methods=["POST"])
    for name, view in (
        ("remove", remove_team),
        ("members/add", add_member),
        ("members/remove", remove_member),
        ("role", change_team_role),
    ):
        blueprint.add_url_rule(f"/teams/<uuid:team_id>/{name}", view.__name__, view, methods=["POST"])


@requires("console", "read", right="manage_users")
def list_teams() -> str:
    """Show all teams, and the form that creates one."""
    return _render()


@requires("console", "write", right="manage_users")
@confirmed
def create_team() -> Response:
    """Create a team without members."""
    check_form()
    name = request.form.get("name", "").strip()
    try:
        team_trail.create_team(name, clock.now(), by=current_actor())
    except DomainError as error:
        db.session.rollback()
        return make_response(_render(name=name, problem=error.detail), error.status)
    return _commit()


@requires("console", "write", right="manage_users")
@confirmed
def remove_team(team_id: UUID) -> Response:
    """Remove a team, which ends the sessions of its members."""
    check_form()
    team_trail.remove_team(_other_team(team_id), clock.now(), by=current_actor())
    return _commit()


@requires("console", "write", right="manage_users")
@confirmed
def add_member(team_id: UUID) -> Response:
    """Add a user to a team, which ends the user's sessions."""
    return _set_member(team_id, True)


@requires("console", "write", right="manage_users")
@confirmed
def remove_member(team_id: UUID) -> Response:
    """Remove a user from a team, which ends the user's sessions."""
    return _set_member(team_id, False)


@requires("console", "write", right="manage_users")
@confirmed
def change_team_role(team_id: UUID) -> Response:
    """Set or remove the role of a team at a site or at all sites, which ends the sessions of its members."""
    check_form()
    role = request.form.get("role", "")
    site_id = site_id_of(request.form.get("site", ""))
    team = _other_team(team_id)
    team_trail.set_role(team, read_role(role) if role else None, site_id, clock.now(), by=current_actor())
    return _commit()


def _set_member(team_id: UUID, is_in_team: bool) -> Response:
    check_form()
    team, user = teams.get_team(team_id), users.get_user(request.form.get("user", type=UUID) or UUID(int=0))
    if g.rights.user is not None and g.rights.user.id == user.id:
        raise Conflict("You cannot change your own teams. Ask another owner.", code="own_account")
    team_trail.set_member(team, user, is_in_team, clock.now(), by=current_actor())
    return _commit()


def _other_team(team_id: UUID) -> Team:
    """Return a team without the signed-in person, so that no owner locks themselves out."""
    team = teams.get_team(team_id)
    if g.rights.user is not None and teams.is_member(team, g.rights.user.id):
        raise Conflict("You cannot change a team that you are in. Ask another owner.", code="own_account")
    return team


def _commit() -> Response:
    db.session.commit()
    return redirect(url_for("console.teams"), 303)


def _render(**values: Any) -> str:
    rows = [(summary, describe_memberships(summary.roles)) for summary in teams.list_teams()]
    return render_template(
        "console/teams.html",
        rows=rows,
        users=users.list_users(),
        role_labels={role: _(label) for role, label in ROLE_LABELS.items()},
        sites=visible_sites(),
        **{"name": "", "problem": "", **values},
    )
