"""Roles in words: their labels, their rights, and the memberships of a user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from ...accounts.models import Membership
from ...accounts.roles import RIGHTS, RIGHTS_IF_ALLOWED, ROLES, Right, Role, to_role
from ...accounts.team_models import TeamRole
from ...core.marked_texts import N_
from ...sites.models import Site
from ...storage.db import db
from ...web.translations import translate as _

ROLE_LABELS: dict[Role, str] = {
    "owner": N_("Owner"),
    "admin": N_("Admin"),
    "analyst": N_("Analyst"),
    "agent": N_("Agent"),
}
RIGHT_LABELS: dict[Right, str] = {
    "read_ratings": N_("Read conversations and ratings"),
    "read_own_ratings": N_("Read the ratings of the agent whom the user is"),
    "read_personal": N_("Read visitors' names, contacts, messages and screenshots"),
    "mark_read": N_("Mark ratings as read"),
    "manage_surveys": N_("Ask for ratings and close questions"),
    "exclude_ratings": N_("Exclude and restore ratings"),
    "erase_words": N_("Erase the words of a rating"),
    "create_sites": N_("Add sites"),
    "manage_sites": N_("Install and set up sites"),
    "manage_keys": N_("Create and end API keys and signing secrets"),
    "manage_users": N_("Invite and manage users"),
    "read_audit": N_("Read the audit log"),
}


#: Rights that need the role at all sites.
SERVER_RIGHTS: tuple[Right, ...] = ("create_sites", "manage_users")
#: Rights that an owner gives to a person, whatever the role.
PERSONAL_RIGHTS: tuple[Right, ...] = ("create_sites",)


class RoleAtSite(NamedTuple):
    """A membership in words."""

    label: str
    #: The name of the site; "All sites" for a role at all of them.
    place: str
    membership: Membership | TeamRole


class RightRow(NamedTuple):
    """A row of the table of rights."""

    label: str
    #: For each role of `ROLES`, whether it has the right, in words.
    grants: list[str]


def describe_memberships(memberships: Sequence[Membership | TeamRole]) -> list[RoleAtSite]:
    """Return the roles of a user or a team in words, without those at removed sites."""
    sites = db.session.execute(select(Site.id, Site.name).where(Site.removed_at.is_(None)))
    names = {site.id: site.name for site in sites}
    described = []
    for membership in memberships:
        place = _("All sites") if membership.site_id is None else names.get(membership.site_id)
        if place is not None:
            described.append(RoleAtSite(_(ROLE_LABELS[to_role(membership.role)]), place, membership))
    return described


def rights_table() -> list[RightRow]:
    """Return the table of rights, as the code reads it."""
    return [
        RightRow(_(label), [_(grant_label(role, right)) for role in ROLES]) for right, label in RIGHT_LABELS.items()
    ]


def grant_label(role: Role, right: Right) -> str:
    """Return whether a role has a right, in words."""
    if role in RIGHTS[right]:
        return N_("Yes, at all sites") if right in SERVER_RIGHTS else N_("Yes")
    if right in PERSONAL_RIGHTS:
        return N_("If an owner allows it")
    return N_("If the site allows it") if role in RIGHTS_IF_ALLOWED.get(right, ()) else N_("No")
