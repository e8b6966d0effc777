"""From the claims of a provider to an account here and its roles. Flushes, never commits.

A person is known by issuer and subject, because an e-mail address may change or pass to another person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from ...core.errors import DomainError, Unauthorized
from ...core.marked_texts import N_, marked
from ...core.text import has_controls
from ...storage.db import db
from .. import account_trail, users
from ..actors import Actor
from ..models import Membership, SignOnIdentity, User
from ..roles import ROLES, Role, memberships_of, strongest_roles, team_roles_of
from ..sessions import end_sessions
from .id_token import Claims
from .settings import OidcSettings

MAX_GROUPS = 1_000
SIGN_ON = Actor("system", "Single sign-on")


@dataclass(frozen=True)
class Person:
    """A person as the provider describes them."""

    issuer: str
    subject: str
    #: Empty if the provider names no valid address.
    email: str
    is_email_verified: bool
    name: str
    groups: tuple[str, ...]
    #: The role at each site; the key None is the role at all sites.
    roles: Mapping[UUID | None, Role]


def to_person(settings: OidcSettings, claims: Claims, site_ids: Collection[UUID]) -> Person:
    """Return the person of some claims, with the roles of their groups at existing sites."""
    try:
        email = users.to_email(str(claims.get("email", "")))
    except DomainError:
        email = ""
    name = str(claims.get("name", ""))[: users.MAX_NAME_LENGTH]
    groups = _read_groups(settings, claims)
    return Person(
        issuer=settings.issuer,
        subject=claims["sub"],
        email=email,
        is_email_verified=bool(email) and _is_verified(settings, claims),
        name=users.to_name("" if has_controls(name) else name, email),
        groups=groups,
        roles=_roles_of(settings, groups, site_ids),
    )


def find_account(settings: OidcSettings, person: Person) -> User | None:
    """Return the account of a person; None if the sign-in would create one.

    Raises: Unauthorized: the account with this e-mail address is not the person's.
    """
    query = select(SignOnIdentity).filter_by(issuer=person.issuer, subject=person.subject)
    identity = db.session.scalars(query).one_or_none()
    if identity is not None:
        return db.session.get(User, identity.user_id)
    if not person.email:
        raise _refusal(N_("The sign-in service sends no e-mail address."))
    if not person.is_email_verified:
        raise _refusal(N_("The sign-in service does not say that your e-mail address is verified."))
    user = users.find_user(person.email)
    if user is not None and not settings.links_by_email:
        raise _refusal(N_("Your e-mail address has an account here that is not linked to single sign-on."))
    return user


def admit(settings: OidcSettings, person: Person, now: datetime) -> User | None:
    """Return the account of a person with its present roles; None if it has no role left.

    The account is created or linked at the first sign-in. Roles that groups no longer give end, with the sessions.

    Raises: Unauthorized: the account is disabled, or is not the person's.
    """
    user = find_account(settings, person)
    if user is None:
        if not person.roles:
            return None
        user = users.add_user(person.email, person.name)
        account_trail.record_creation(user, by=SIGN_ON)
    if user.disabled_at is not None:
        raise _refusal(N_("This account is disabled."))
    users.lock_user(user)
    _link(user, person, now)
    _set_group_roles(user, person.roles, now)
    return user if memberships_of(user.id) or team_roles_of(user.id) else None


def roles_after(user: User | None, person: Person) -> Mapping[UUID | None, Role]:
    """Return the roles that a person would have after a sign-in, with those that an owner gave."""
    own_memberships = [one for one in memberships_of(user.id) if not one.from_groups] if user else []
    own_sites = {membership.site_id for membership in own_memberships}
    added = [Membership(site_id=at, role=role) for at, role in person.roles.items() if at not in own_sites]
    return strongest_roles([*own_memberships, *added, *(team_roles_of(user.id) if user else ())])


def _refusal(text: str) -> Unauthorized:
    return Unauthorized(marked("%(text)s Ask an owner.", text=marked(text)), code="sign_on_refused")


def _read_groups(settings: OidcSettings, claims: Claims) -> tuple[str, ...]:
    """Return the groups of a claim, which is a list or a single text."""
    value = claims.get(settings.groups_claim) if settings.groups_claim else None
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(text for text in values[:MAX_GROUPS] if isinstance(text, str)))


def _is_verified(settings: OidcSettings, claims: Claims) -> bool:
    """Return whether the address is verified. Some providers send the word in place of the value."""
    if "email_verified" not in claims:
        return settings.trusts_emails
    return claims["email_verified"] is True or claims["email_verified"] == "true"


def _roles_of(settings: OidcSettings, groups: Collection[str], site_ids: Collection[UUID]) -> dict[UUID | None, Role]:
    """Return the highest role that the groups give at each site."""
    roles: dict[UUID | None, Role] = {}
    for rule in settings.group_roles:
        if rule.group in groups and (rule.site_id is None or rule.site_id in site_ids):
            known_roles = [rule.role, *([roles[rule.site_id]] if rule.site_id in roles else [])]
            roles[rule.site_id] = min(known_roles, key=ROLES.index)
    return roles


def _link(user: User, person: Person, now: datetime) -> None:
    """Store whom the provider means, at the first sign-in."""
    identity = {"issuer": person.issuer, "subject": person.subject}
    if db.session.scalars(select(SignOnIdentity).filter_by(**identity)).one_or_none() is None:
        db.session.add(SignOnIdentity(user_id=user.id, created_at=now, **identity))
        db.session.flush()
        account_trail.record_identity(user, by=SIGN_ON, **identity)


def _set_group_roles(user: User, roles: Mapping[UUID | None, Role], now: datetime) -> None:
    """Give a user the roles of the groups. A role that an owner gave at the same site remains."""
    memberships = {one.site_id: one for one in memberships_of(user.id)}
    has_changed = False
    for site_id in {*memberships, *roles}:
        membership, role = memberships.get(site_id), roles.get(site_id)
        if membership is not None and (not membership.from_groups or membership.role == role):
            continue
        with account_trail.role_change(user, site_id, by=SIGN_ON):
            _set_group_role(user, membership, role, site_id)
        has_changed = True
    if has_changed:
        end_sessions(user.id, now)


def _set_group_role(user: User, membership: Membership | None, role: Role | None, site_id: UUID | None) -> None:
    if membership is None:
        assert role is not None, "one of both is given"
        db.session.add(Membership(user_id=user.id, site_id=site_id, role=role, from_groups=True))
    elif role is None:
        db.session.delete(membership)
    else:
        membership.role = role
    db.session.flush()
