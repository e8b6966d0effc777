"""Schemas of teams."""

from __future__ import annotations

from marshmallow import fields

from ...accounts.roles import ROLES
from ...accounts.teams import MAX_NAME_LENGTH
from ...web.fields import Strict, Text
from ..fields import At, Out, word
from ..users.schemas import role_field, site_field


class NewTeam(Strict):
    """A new team."""

    name = Text(max_length=MAX_NAME_LENGTH, min_length=1, line=True, required=True)


class TeamRoleChange(Strict):
    """The role of a team's members at a site or at all sites."""

    role = role_field(allow_none=True, metadata={"description": "Null removes the role."})
    site = site_field()


class TeamRoleOut(Out):
    """A role at a site."""

    role = word(ROLES)
    site = fields.String(metadata={"description": "The key of the site; null for all sites."}, allow_none=True)


class TeamMemberOut(Out):
    """A user in a team."""

    id = fields.UUID()
    email = fields.String()
    name = fields.String()


class TeamOut(Out):
    """A team of users."""

    id = fields.UUID()
    name = fields.String()
    created_at = At()
    members = fields.List(fields.Nested(TeamMemberOut))
    roles = fields.List(fields.Nested(TeamRoleOut))


class TeamsOut(Out):
    """All teams of this server."""

    teams = fields.List(fields.Nested(TeamOut))
