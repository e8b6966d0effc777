"""Record changes of users in the audit log. Flushes, never commits.

A role at one site is an entry of that site, so that its owner sees it; everything else is an entry of the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from uuid import UUID

from . import audit
from .actors import Actor
from .models import User
from .roles import memberships_of


def record_invitation(user: User, role: str, site_id: UUID | None, *, by: Actor) -> None:
    audit.record(None, actor=by, action="user.invited", target=name_of(user))
    detail = {"before": {"role": None}, "after": {"role": role}}
    audit.record(site_id, actor=by, action="role.changed", target=name_of(user), detail=detail)


def record_link(user: User, *, by: Actor) -> None:
    audit.record(None, actor=by, action="user.link_created", target=name_of(user))


def record_access(user: User, is_disabled: bool, *, by: Actor) -> None:
    action: audit.Action = "user.disabled" if is_disabled else "user.enabled"
    audit.record(None, actor=by, action=action, target=name_of(user))


def record_ended_sessions(user: User, *, by: Actor) -> None:
    audit.record(None, actor=by, action="user.sessions_ended", target=name_of(user))


def record_may_create_sites(user: User, may_create: bool, *, by: Actor) -> None:
    detail = {"before": {"may_create_sites": not may_create}, "after": {"may_create_sites": may_create}}
    audit.record(None, actor=by, action="role.changed", target=name_of(user), detail=detail)


@contextmanager
def role_change(user: User, site_id: UUID | None, *, by: Actor) -> Iterator[None]:
    """Record the role of a user at a site, or at all sites, before and after the block."""
    before = _role_of(user, site_id)
    yield
    detail = audit.changes_between(before, _role_of(user, site_id))
    if detail["after"]:
        audit.record(site_id, actor=by, action="role.changed", target=name_of(user), detail=detail)


def _role_of(user: User, site_id: UUID | None) -> dict[str, object]:
    membership = next((one for one in memberships_of(user.id) if one.site_id == site_id), None)
    if membership is None:
        return {"role": None, "agent_id": None}
    return {"role": membership.role, "agent_id": membership.agent_id}


def record_password(user: User) -> None:
    """Record that a user set a new password."""
    actor = Actor("user", user.email, user.id)
    audit.record(None, actor=actor, action="user.password_set", target=name_of(user))


def record_sign_in(user: User | None, method: str) -> None:
    """Record a sign-in; an owner's link belongs to no user."""
    actor = Actor("user", user.email, user.id) if user else Actor("owner_link", "Owner link")
    audit.record(None, actor=actor, action="sign_in.succeeded", target=actor.name, detail={"method": method})


def record_creation(user: User, *, by: Actor) -> None:
    audit.record(None, actor=by, action="user.created", target=name_of(user))


def record_identity(user: User, *, by: Actor, issuer: str, subject: str) -> None:
    """Record that a person of single sign-on is this user."""
    detail = {"issuer": issuer, "subject": subject}
    audit.record(None, actor=by, action="user.linked", target=name_of(user), detail=detail)


def record_factor(
    user: User, action: Literal["factor.added", "factor.removed", "factor.codes_renewed"], *, by: Actor, name: str
) -> None:
    """Record a change of a second factor, by its name or its kind."""
    audit.record(None, actor=by, action=action, target=name_of(user), detail={"factor": name})


def name_of(user: User) -> str:
    return f"user {user.email}"
