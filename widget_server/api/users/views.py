"""Routes of the users of the console. Only the operator may call them: no API key can create a user."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from ...accounts import account_links, account_mails, account_trail, factors, sessions, users
from ...accounts.models import Membership, User
from ...accounts.roles import memberships_by_user, memberships_of
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...auth.mail import mailer
from ...auth.signed_in import max_session_idle
from ...conversations.agents import external_ids_of, find_agent_id
from ...core import clock
from ...sites.models import Site
from ...sites.service import find_living_site
from ...storage.db import db
from ...web.problems import log_target
from ..base import Resource
from .schemas import InvitedUserOut, LinkOut, NewUser, RoleChange, SessionsOut, UserChange, UserOut, UsersOut

blueprint = Resource("users", "Users of the console and their roles.")


@blueprint.route("/users")
@requires("operator", "read")
@blueprint.response(200, UsersOut)
def list_users() -> dict[str, Any]:
    """List all users by e-mail address."""
    memberships, with_factor = memberships_by_user(), factors.users_with_factor()
    places = places_of(list(chain.from_iterable(memberships.values())))
    return {
        "users": [
            to_document(user, memberships.get(user.id, []), places, user.id in with_factor)
            for user in users.list_users()
        ]
    }


@blueprint.route("/users", methods=["POST"])
@requires("operator", "write")
@blueprint.arguments(NewUser)
@blueprint.response(201, InvitedUserOut)
def post_user(fields: dict[str, Any]) -> dict[str, Any]:
    """Invite a user.

    The link in the response sets a password once, within seven days. If `mailed` is false, send it to the person.
    """
    site_id = find_site_id(fields["site"])
    agent_id = find_agent_id(site_id, fields["agent"] or "")
    user = users.create_user(fields["email"], fields["name"], fields["role"], site_id, agent_id)
    link = make_link(user)
    account_trail.record_invitation(user, fields["role"], site_id, by=current_actor())
    db.session.commit()
    return {**to_document_of(user), **link}


@blueprint.route("/users/<uuid:user_id>", methods=["PATCH"])
@requires("operator", "write")
@blueprint.arguments(UserChange)
@blueprint.response(200, UserOut)
def patch_user(change: dict[str, Any], user_id: UUID) -> dict[str, Any]:
    """Disable a user, or enable one again, and let a user create sites.

    Each change ends the user's sessions.
    """
    user = users.get_user(user_id)
    if "disabled" in change:
        users.set_disabled(user, change["disabled"], clock.now())
        log_target("user", user.id)
        account_trail.record_access(user, change["disabled"], by=current_actor())
    if change.get("may_create_sites", user.may_create_sites) != user.may_create_sites:
        users.set_may_create_sites(user, change["may_create_sites"], clock.now())
        account_trail.record_may_create_sites(user, change["may_create_sites"], by=current_actor())
    db.session.commit()
    return to_document_of(user)


@blueprint.route("/users/<uuid:user_id>/role", methods=["PUT"])
@requires("operator", "write")
@blueprint.arguments(RoleChange)
@blueprint.response(200, UserOut)
def put_role(change: dict[str, Any], user_id: UUID) -> dict[str, Any]:
    """Set the role of a user at a site or at all sites.

    It ends the user's sessions.
    """
    user = users.get_user(user_id)
    site_id = find_site_id(change["site"])
    with account_trail.role_change(user, site_id, by=current_actor()):
        agent_id = find_agent_id(site_id, change["agent"] or "")
        users.set_role(user, change["role"], site_id, clock.now(), agent_id=agent_id)
    db.session.commit()
    return to_document_of(user)


@blueprint.route("/users/<uuid:user_id>/links", methods=["POST"])
@requires("operator", "write")
@blueprint.response(201, LinkOut)
def post_link(user_id: UUID) -> dict[str, Any]:
    """Create a link that sets a new password once.

    It is valid for one hour, or for seven days while the user has no password.
    """
    user = users.get_user(user_id)
    link = make_link(user)
    account_trail.record_link(user, by=current_actor())
    db.session.commit()
    return link


@blueprint.route("/users/<uuid:user_id>/sessions")
@requires("operator", "read")
@blueprint.response(200, SessionsOut)
def list_sessions(user_id: UUID) -> dict[str, Any]:
    """List the open sessions of a user, the last used first."""
    user = users.get_user(user_id)
    return {"sessions": sessions.list_sessions(user.id, clock.now(), max_session_idle())}


@blueprint.route("/users/<uuid:user_id>/sessions", methods=["DELETE"])
@requires("operator", "write")
@blueprint.response(204)
def delete_sessions(user_id: UUID) -> None:
    """End all sessions of a user.

    Their open streams end within five seconds.
    """
    user = users.get_user(user_id)
    sessions.end_sessions(user.id, clock.now())
    log_target("user", user.id)
    account_trail.record_ended_sessions(user, by=current_actor())
    db.session.commit()


@blueprint.route("/users/<uuid:user_id>/factors", methods=["DELETE"])
@requires("operator", "write")
@blueprint.response(200, UserOut)
def delete_factors(user_id: UUID) -> dict[str, Any]:
    """Remove all second factors and recovery codes of a user who lost them.

    It ends the user's sessions.
    """
    user = users.get_user(user_id)
    factors.remove_all(user, clock.now())
    account_mails.notify_change(mailer(), user, "factor_removed", clock.now())
    account_trail.record_factor(user, "factor.removed", by=current_actor(), name="all")
    db.session.commit()
    return to_document_of(user)


def make_link(user: User) -> dict[str, Any]:
    """Create a link and store its mail."""
    now = clock.now()
    link, expires_at = account_links.create_link(current_app.config["TILFREDS"].base_url, user, now)
    account_mails.send_link(mailer(), user, link, now, expires_at)
    return {"link": link, "expires_at": expires_at, "mailed": mailer().is_set_up()}


def find_site_id(key: str | None) -> UUID | None:
    """Return the id of the site with a key; None for all sites."""
    return find_living_site(key).id if key is not None else None


def to_document_of(user: User) -> dict[str, Any]:
    memberships = memberships_of(user.id)
    return to_document(user, memberships, places_of(memberships), factors.has_factor(user.id))


def places_of(memberships: Sequence[Membership]) -> dict[UUID, str]:
    """Return the keys of all sites, and the external ids of the agents of these memberships, by id."""
    keys = {site.id: site.key for site in db.session.execute(select(Site.id, Site.key))}
    return keys | external_ids_of([one.agent_id for one in memberships if one.agent_id])


def to_document(
    user: User, memberships: Sequence[Membership], places: dict[UUID, str], has_factor: bool
) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "has_password": user.password_hash is not None,
        "has_second_factor": has_factor,
        "created_at": user.created_at,
        "disabled_at": user.disabled_at,
        "may_create_sites": user.may_create_sites,
        "memberships": [
            {
                "role": membership.role,
                "site": places[membership.site_id] if membership.site_id else None,
                "agent": places.get(membership.agent_id) if membership.agent_id else None,
            }
            for membership in memberships
        ],
    }
