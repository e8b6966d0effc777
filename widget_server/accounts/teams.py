"""Teams of users and their roles. Flushes, never commits.

Every change ends the sessions of the people whose roles it may change, and with them their open streams.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from ..core.errors import Conflict, Invalid, NotFound
from ..core.marked_texts import marked
from ..core.text import has_controls
from ..storage.db import db
from .models import User
from .roles import Role
from .sessions import end_sessions
from .team_models import Team, TeamMember, TeamRole

MAX_NAME_LENGTH = 100


@dataclass
class TeamSummary:
    """A team with its members, by e-mail address, and its roles, the one at all sites first."""

    team: Team
    members: list[User] = field(default_factory=list)
    roles: list[TeamRole] = field(default_factory=list)


def list_teams() -> list[TeamSummary]:
    """Return all teams by name."""
    teams = db.session.scalars(select(Team).order_by(Team.name))
    summaries = {team.id: TeamSummary(team) for team in teams}
    members = select(TeamMember.team_id, User).join(User, User.id == TeamMember.user_id).order_by(User.email)
    for team_id, user in db.session.execute(members):
        summaries[team_id].members.append(user)
    roles = select(TeamRole).order_by(TeamRole.site_id.is_not(None), TeamRole.id)
    for role in db.session.scalars(roles):
        summaries[role.team_id].roles.append(role)
    return list(summaries.values())


def get_team(team_id: UUID) -> Team:
    """Return a team, locked until the transaction ends, so that its members and roles change one at a time.

    Raises: NotFound: there is no such team.
    """
    team = db.session.get(Team, team_id, with_for_update=True)
    if team is None:
        raise NotFound("Team not found.")
    return team


def summary_of(team: Team) -> TeamSummary:
    return next(summary for summary in list_teams() if summary.team.id == team.id)


def create_team(name: str, now: datetime) -> Team:
    """Create a team without members.

    Raises:
        Invalid: the name is empty, too long or has control characters.
        Conflict: another team has this name.
    """
    name = " ".join(name.split(" ")).strip()
    if not name or len(name) > MAX_NAME_LENGTH or has_controls(name):
        detail = marked(
            "Enter a name of at most %(max_name_length)s characters without control characters.",
            max_name_length=MAX_NAME_LENGTH,
        )
        raise Invalid(detail, pointer="/name")
    if db.session.scalar(select(Team.id).where(Team.name == name)) is not None:
        raise Conflict("Another team has this name; choose another one.", code="team_exists")
    team = Team(name=name, created_at=now)
    db.session.add(team)
    db.session.flush()
    return team


def remove_team(team: Team, now: datetime) -> None:
    """Remove a team; its members lose the roles that it gave them."""
    _end_sessions_of(team, now)
    for model in (TeamRole, TeamMember):
        db.session.execute(delete(model).where(model.team_id == team.id))
    db.session.delete(team)
    db.session.flush()


def is_member(team: Team, user_id: UUID) -> bool:
    return db.session.get(TeamMember, (team.id, user_id)) is not None


def set_member(team: Team, user: User, is_in_team: bool, now: datetime) -> bool:
    """Add a user to a team, or remove them. Return whether that changed anything."""
    member = db.session.get(TeamMember, (team.id, user.id))
    if (member is not None) == is_in_team:
        return False
    if member is None:
        db.session.add(TeamMember(team_id=team.id, user_id=user.id))
    else:
        db.session.delete(member)
    end_sessions(user.id, now)
    db.session.flush()
    return True


def role_of(team: Team, site_id: UUID | None) -> TeamRole | None:
    """Return the role of a team at a site, or at all sites."""
    query = select(TeamRole).where(TeamRole.team_id == team.id, TeamRole.site_id.is_not_distinct_from(site_id))
    return db.session.scalars(query).one_or_none()


def set_team_role(team: Team, role: Role | None, site_id: UUID | None, now: datetime) -> None:
    """Set the role of a team at a site, or at all sites; None removes it."""
    team_role = role_of(team, site_id)
    if role is None:
        if team_role is not None:
            db.session.delete(team_role)
    elif team_role is None:
        db.session.add(TeamRole(team_id=team.id, site_id=site_id, role=role))
    else:
        team_role.role = role
    _end_sessions_of(team, now)
    db.session.flush()


def teams_by_user() -> dict[UUID, list[Team]]:
    """Return the teams of each user, by name."""
    query = select(TeamMember.user_id, Team).join(Team, Team.id == TeamMember.team_id).order_by(Team.name)
    by_user: dict[UUID, list[Team]] = defaultdict(list)
    for user_id, team in db.session.execute(query):
        by_user[user_id].append(team)
    return by_user


def _members_of(team: Team) -> Iterable[UUID]:
    return db.session.scalars(select(TeamMember.user_id).where(TeamMember.team_id == team.id)).all()


def _end_sessions_of(team: Team, now: datetime) -> None:
    for user_id in _members_of(team):
        end_sessions(user_id, now)
