"""Change teams and record it in the audit log. Flushes, never commits.

A role at one site is an entry of that site, so that its owner sees it; everything else is an entry of the server.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from . import audit, teams
from .actors import Actor
from .models import User
from .roles import Role
from .team_models import Team


def create_team(name: str, now: datetime, *, by: Actor) -> Team:
    team = teams.create_team(name, now)
    audit.record(None, actor=by, action="team.created", target=name_of(team))
    return team


def remove_team(team: Team, now: datetime, *, by: Actor) -> None:
    summary = teams.summary_of(team)
    detail = {"members": [user.email for user in summary.members]}
    for team_role in summary.roles:
        _record_role(team, team_role.site_id, team_role.role, None, by=by)
    teams.remove_team(team, now)
    audit.record(None, actor=by, action="team.removed", target=name_of(team), detail=detail)


def set_member(team: Team, user: User, is_in_team: bool, now: datetime, *, by: Actor) -> None:
    if teams.set_member(team, user, is_in_team, now):
        action: audit.Action = "team.member_added" if is_in_team else "team.member_removed"
        audit.record(None, actor=by, action=action, target=name_of(team), detail={"user": user.email})


def set_role(team: Team, role: Role | None, site_id: UUID | None, now: datetime, *, by: Actor) -> None:
    before = teams.role_of(team, site_id)
    old_role = before.role if before else None
    if old_role != role:
        teams.set_team_role(team, role, site_id, now)
        _record_role(team, site_id, old_role, role, by=by)


def _record_role(team: Team, site_id: UUID | None, old_role: str | None, role: str | None, *, by: Actor) -> None:
    detail = {"before": {"role": old_role}, "after": {"role": role}}
    audit.record(site_id, actor=by, action="role.changed", target=name_of(team), detail=detail)


def name_of(team: Team) -> str:
    return f"team {team.name}"
