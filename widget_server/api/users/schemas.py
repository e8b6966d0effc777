"""Schemas of the users of the console."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from ...accounts.roles import ROLES
from ...accounts.users import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH
from ...web.fields import Boolean, Strict, Text
from ..base import MAX_ID_LENGTH
from ..fields import At, Out, word

MAX_KEY_LENGTH = 40


def role_field(**options: Any) -> Text:
    one_of = validate.OneOf(ROLES, error=f"Role must be {' or '.join(ROLES)}.")
    return Text(max_length=20, line=True, required=True, validate=[one_of], **options)


def site_field() -> Text:
    """Return the field of the site where a role is."""
    description = "The key of the site of the role; null for all sites."
    return Text(
        max_length=MAX_KEY_LENGTH,
        line=True,
        allow_none=True,
        load_default=None,
        metadata={"description": description},
    )


def agent_field() -> Text:
    """Return the field of the agent whom the user is at the site of the role."""
    description = (
        "The external id of the agent whom the user is at the site. Without it, it is the agent with the e-mail "
        "address of the user."
    )
    return Text(
        max_length=MAX_ID_LENGTH, line=True, allow_none=True, load_default=None, metadata={"description": description}
    )


class NewUser(Strict):
    """A person to invite."""

    email = Text(max_length=MAX_EMAIL_LENGTH, min_length=3, line=True, required=True)
    name = Text(max_length=MAX_NAME_LENGTH, line=True, load_default="")
    role = role_field()
    site = site_field()
    agent = agent_field()


class UserChange(Strict):
    """A change of a user, which ends the user's sessions."""

    disabled = Boolean(metadata={"description": "`true` stops the user from signing in."})
    may_create_sites = Boolean(metadata={"description": "Owners of all sites always may."})


class RoleChange(Strict):
    """The role of a user at a site or at all sites."""

    role = role_field(allow_none=True, metadata={"description": "Null removes the role."})
    site = site_field()
    agent = agent_field()


class MembershipOut(Out):
    """A role at a site."""

    role = word(ROLES)
    site = fields.String(metadata={"description": "The key of the site; null for all sites."}, allow_none=True)
    agent = fields.String(metadata={"description": "The external id of the agent, if one was named."}, allow_none=True)


class UserOut(Out):
    """A user of the console."""

    id = fields.UUID()
    email = fields.String()
    name = fields.String()
    has_password = fields.Boolean()
    has_second_factor = fields.Boolean()
    created_at = At()
    disabled_at = At()
    may_create_sites = fields.Boolean()
    memberships = fields.List(fields.Nested(MembershipOut))


class UsersOut(Out):
    """All users of this server."""

    users = fields.List(fields.Nested(UserOut))


class SessionOut(Out):
    """An open session of a user."""

    id = fields.UUID()
    user_agent = fields.String(metadata={"description": "The browser, as it names itself."})
    created_at = At()
    last_used_at = At(metadata={"description": "To five minutes."})
    expires_at = At()


class SessionsOut(Out):
    """The open sessions of a user."""

    sessions = fields.List(fields.Nested(SessionOut))


class LinkOut(Out):
    """A link that sets a password once; it is shown only once."""

    link = fields.String()
    expires_at = At()
    mailed = fields.Boolean(metadata={"description": "Whether a mail with the link is on its way."})


class InvitedUserOut(UserOut):
    """A new user with the link that sets the password."""

    link = fields.String()
    expires_at = At()
    mailed = fields.Boolean(metadata={"description": "Whether a mail with the link is on its way."})
