"""Roles, their rights, and what a signed-in person may do at a site.

`RIGHTS` is the one table: the console reads it for every request and the page of users shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import Select, or_, select

from ..storage.db import db
from .models import Membership, User
from .team_models import TeamMember, TeamRole

Role = Literal["owner", "admin", "analyst", "agent"]
Right = Literal[
    "read_ratings",
    "read_own_ratings",
    "read_personal",
    "mark_read",
    "manage_surveys",
    "exclude_ratings",
    "erase_words",
    "create_sites",
    "manage_sites",
    "manage_keys",
    "manage_users",
    "read_audit",
]
#: The strongest first.
ROLES: tuple[Role, ...] = get_args(Role)

RIGHTS: Mapping[Right, frozenset[Role]] = {
    #: Read conversations, articles, agents and their ratings.
    "read_ratings": frozenset({"owner", "admin", "analyst"}),
    #: Read the ratings of the agent whom the user is, as far as the site shows ratings to its agents.
    "read_own_ratings": frozenset({"owner", "admin", "analyst", "agent"}),
    #: Read visitors' names and contacts, message texts and screenshots.
    "read_personal": frozenset({"owner", "admin"}),
    #: Mark ratings as read for everyone.
    "mark_read": frozenset({"owner", "admin"}),
    #: Ask for a rating of a conversation, and withdraw the question.
    "manage_surveys": frozenset({"owner", "admin"}),
    #: Exclude ratings from the scores, and restore them.
    "exclude_ratings": frozenset({"owner", "admin"}),
    #: Erase the comment and the picture of a rating for good.
    "erase_words": frozenset({"owner", "admin"}),
    #: Create sites. An owner of all sites may, and lets others by `User.may_create_sites`.
    "create_sites": frozenset({"owner"}),
    #: Install a site and change its settings.
    "manage_sites": frozenset({"owner", "admin"}),
    #: Create, rotate and end API keys and signing secrets.
    "manage_keys": frozenset({"owner"}),
    #: Invite, change and disable users. Needs the role at all sites.
    "manage_users": frozenset({"owner"}),
    #: Read, verify and export the audit log: of a site, or with the role at all sites that of the server, too.
    "read_audit": frozenset({"owner"}),
}
#: Rights that a role has only at sites that allow it.
RIGHTS_IF_ALLOWED: Mapping[Right, frozenset[Role]] = {"read_personal": frozenset({"analyst"})}


@dataclass(frozen=True)
class Rights:
    """The rights of a signed-in person."""

    #: The person; None for a session opened by a link of `tilfreds owner link`.
    user: User | None
    #: The role at each site; the key None is the role at all sites.
    roles: Mapping[UUID | None, Role]
    #: The agent whom an owner named as the user, by site.
    agent_ids: Mapping[UUID, UUID] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return how logs name the person."""
        return self.user.email if self.user else "Owner link"

    def role_at(self, site_id: UUID) -> Role | None:
        """Return the role at a site. The role of the site itself replaces the one at all sites."""
        return self.roles.get(site_id) or self.roles.get(None)

    def may(self, right: Right, site_id: UUID, *, is_allowed: bool = False) -> bool:
        """Return whether the role at a site has a right. `is_allowed` says that the site allows it to more roles."""
        role = self.role_at(site_id)
        return role in RIGHTS[right] or (is_allowed and role in RIGHTS_IF_ALLOWED.get(right, ()))

    def may_everywhere(self, right: Right) -> bool:
        """Return whether the role at all sites has the right, or an owner gave it to the person."""
        if right == "create_sites" and self.user is not None and self.user.may_create_sites:
            return True
        return self.roles.get(None) in RIGHTS[right]


OWNER_LINK = Rights(None, {None: "owner"})


def find_rights(user_id: UUID | None, *, with_groups: bool = False) -> Rights | None:
    """Return the rights of a session's user; None if the user is disabled or missing.

    Roles of groups count only `with_groups`: in a session that single sign-on has opened.
    """
    if user_id is None:
        return OWNER_LINK
    user = db.session.get(User, user_id)
    if user is None or user.disabled_at is not None:
        return None
    memberships = [one for one in memberships_of(user_id) if with_groups or not one.from_groups]
    roles = strongest_roles([*memberships, *team_roles_of(user_id)])
    agent_ids = {one.site_id: one.agent_id for one in memberships if one.site_id and one.agent_id}
    return Rights(user, roles, agent_ids)


def memberships_of(user_id: UUID) -> Sequence[Membership]:
    """Return the memberships of a user; a role at all sites comes first."""
    return db.session.scalars(_ordered_memberships().where(Membership.user_id == user_id)).all()


def team_roles_of(user_id: UUID) -> Sequence[TeamRole]:
    """Return the roles that a user has by their teams."""
    query = select(TeamRole).join(TeamMember, TeamMember.team_id == TeamRole.team_id)
    return db.session.scalars(query.where(TeamMember.user_id == user_id).order_by(TeamRole.id)).all()


def strongest_roles(memberships: Iterable[Membership | TeamRole]) -> dict[UUID | None, Role]:
    """Return the role at each site, and at all sites: the strongest of those from the user and from their teams."""
    roles: dict[UUID | None, Role] = {}
    for membership in memberships:
        role, other_role = to_role(membership.role), roles.get(membership.site_id)
        if other_role is None or ROLES.index(role) < ROLES.index(other_role):
            roles[membership.site_id] = role
    return roles


def users_with_role_at(site_id: UUID) -> set[UUID]:
    """Return the users who have a role at a site or at all sites, themselves or by a team."""
    direct = select(Membership.user_id).where(or_(Membership.site_id == site_id, Membership.site_id.is_(None)))
    at_site = or_(TeamRole.site_id == site_id, TeamRole.site_id.is_(None))
    by_team = select(TeamMember.user_id).join(TeamRole, TeamRole.team_id == TeamMember.team_id).where(at_site)
    return set(db.session.scalars(direct)) | set(db.session.scalars(by_team))


def lock_owners() -> None:
    """Let one change of rights run at a time, so that two owners cannot take the role from each other at once."""
    direct = select(Membership.user_id).where(Membership.site_id.is_(None), Membership.role == "owner")
    at_all_sites = (TeamRole.site_id.is_(None), TeamRole.role == "owner")
    by_team = select(TeamMember.user_id).join(TeamRole, TeamRole.team_id == TeamMember.team_id).where(*at_all_sites)
    owners = select(User.id).where(or_(User.id.in_(direct), User.id.in_(by_team)))
    db.session.execute(owners.order_by(User.id).with_for_update()).all()


def memberships_by_user() -> dict[UUID, list[Membership]]:
    """Return the memberships of each user; a role at all sites comes first."""
    by_user: dict[UUID, list[Membership]] = {}
    for membership in db.session.scalars(_ordered_memberships()):
        by_user.setdefault(membership.user_id, []).append(membership)
    return by_user


def _ordered_memberships() -> Select[Membership]:
    """Return the query of all memberships, those at all sites first."""
    return select(Membership).order_by(Membership.site_id.is_not(None), Membership.id)


def to_role(name: str) -> Role:
    """Return a stored role.

    Raises: ValueError: this version does not know it.
    """
    for role in ROLES:
        if role == name:
            return role
    raise ValueError(f"unknown role {name!r}")
