"""Routes of teams: users who get the same roles. Only the operator may call them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from ...accounts import team_trail, teams, users
from ...accounts.team_models import Team
from ...accounts.teams import TeamSummary
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core import clock
from ...sites.models import Site
from ...storage.db import db
from ..base import Resource
from ..users.views import find_site_id
from .schemas import NewTeam, TeamOut, TeamRoleChange, TeamsOut

blueprint = Resource("teams", "Teams of users, who get the same roles at sites.")


@blueprint.route("/teams")
@requires("operator", "read")
@blueprint.response(200, TeamsOut)
def list_teams() -> dict[str, Any]:
    """List all teams by name, with their members and roles."""
    keys = _site_keys()
    return {"teams": [to_document(summary, keys) for summary in teams.list_teams()]}


@blueprint.route("/teams", methods=["POST"])
@requires("operator", "write")
@blueprint.arguments(NewTeam)
@blueprint.response(201, TeamOut)
def post_team(fields: dict[str, Any]) -> dict[str, Any]:
    """Create a team without members."""
    team = team_trail.create_team(fields["name"], clock.now(), by=current_actor())
    db.session.commit()
    return _document_of(team)


@blueprint.route("/teams/<uuid:team_id>", methods=["DELETE"])
@requires("operator", "write")
@blueprint.response(204)
def delete_team(team_id: UUID) -> None:
    """Remove a team.

    Its members lose the roles that it gave them, and their sessions end.
    """
    team_trail.remove_team(teams.get_team(team_id), clock.now(), by=current_actor())
    db.session.commit()


@blueprint.route("/teams/<uuid:team_id>/members/<uuid:user_id>", methods=["PUT"])
@requires("operator", "write")
@blueprint.response(200, TeamOut)
def put_member(team_id: UUID, user_id: UUID) -> dict[str, Any]:
    """Add a user to a team.

    It ends the user's sessions.
    """
    return _set_member(team_id, user_id, True)


@blueprint.route("/teams/<uuid:team_id>/members/<uuid:user_id>", methods=["DELETE"])
@requires("operator", "write")
@blueprint.response(200, TeamOut)
def delete_member(team_id: UUID, user_id: UUID) -> dict[str, Any]:
    """Remove a user from a team.

    It ends the user's sessions.
    """
    return _set_member(team_id, user_id, False)


@blueprint.route("/teams/<uuid:team_id>/role", methods=["PUT"])
@requires("operator", "write")
@blueprint.arguments(TeamRoleChange)
@blueprint.response(200, TeamOut)
def put_role(change: dict[str, Any], team_id: UUID) -> dict[str, Any]:
    """Set the role of a team's members at a site or at all sites.

    It ends their sessions.
    """
    team = teams.get_team(team_id)
    team_trail.set_role(team, change["role"], find_site_id(change["site"]), clock.now(), by=current_actor())
    db.session.commit()
    return _document_of(team)


def _set_member(team_id: UUID, user_id: UUID, is_in_team: bool) -> dict[str, Any]:
    team, user = teams.get_team(team_id), users.get_user(user_id)
    team_trail.set_member(team, user, is_in_team, clock.now(), by=current_actor())
    db.session.commit()
    return _document_of(team)


def _document_of(team: Team) -> dict[str, Any]:
    return to_document(teams.summary_of(team), _site_keys())


def _site_keys() -> dict[UUID, str]:
    return {site.id: site.key for site in db.session.execute(select(Site.id, Site.key))}


def to_document(summary: TeamSummary, keys: dict[UUID, str]) -> dict[str, Any]:
    return {
        "id": summary.team.id,
        "name": summary.team.name,
        "created_at": summary.team.created_at,
        "members": summary.members,
        "roles": [{"role": role.role, "site": keys[role.site_id] if role.site_id else None} for role in summary.roles],
    }
