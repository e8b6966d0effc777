"""Users of the console and their roles. Flushes, never commits.

Every change of a role, a password or an account ends the user's sessions, and with them the open streams.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..core import clock
from ..core.catalogues import LANGUAGES
from ..core.errors import Conflict, Invalid, NotFound
from ..core.marked_texts import marked
from ..core.text import has_controls
from ..storage.db import db
from . import passwords
from .models import AccountLink, Membership, User
from .roles import Role
from .sessions import end_sessions

#: Something before and after one @, with a dot in the domain. Only a mail can prove more.
EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s.\x00-\x1f\x7f]+(\.[^@\s.\x00-\x1f\x7f]+)+")
MAX_EMAIL_LENGTH = 254
MAX_NAME_LENGTH = 100


def to_email(text: str) -> str:
    """Return an e-mail address as it is stored.

    Raises: Invalid: it is not an address.
    """
    email = text.strip().lower()
    if not EMAIL.fullmatch(email):
        raise Invalid("Enter an e-mail address, for example ann@shop.example.", pointer="/email")
    if len(email) > MAX_EMAIL_LENGTH:
        raise Invalid(
            marked(
                "Enter an e-mail address of at most %(max_email_length)s characters.", max_email_length=MAX_EMAIL_LENGTH
            ),
            pointer="/email",
        )
    return email


def to_name(text: str, email: str) -> str:
    """Return the name of a user as it is stored; without one, the part of the e-mail address before @.

    Raises: Invalid: it is too long, or has control characters, which a database may refuse.
    """
    if len(text) > MAX_NAME_LENGTH or has_controls(text):
        detail = marked(
            "Enter a name of at most %(max_name_length)s characters without control characters.",
            max_name_length=MAX_NAME_LENGTH,
        )
        raise Invalid(detail, pointer="/name")
    return text or email.partition("@")[0][:MAX_NAME_LENGTH]


def create_user(email: str, name: str, role: Role, site_id: UUID | None, agent_id: UUID | None = None) -> User:
    """Create a user without a password, with a role at one site or at all sites.

    Raises:
        Invalid: the e-mail address or the name is invalid.
        Conflict: a user has this address already.
    """
    address = to_email(email)
    if find_user(address) is not None:
        raise Conflict(
            marked("%(address)s has an account already: change its role instead.", address=address), code="user_exists"
        )
    user = add_user(address, to_name(name, address))
    add_role(user, role, site_id, agent_id)
    return user


def add_role(user: User, role: Role, site_id: UUID | None, agent_id: UUID | None = None) -> None:
    """Give a user a role where they have none. It ends no session: there is nothing to take away."""
    db.session.add(Membership(user_id=user.id, site_id=site_id, role=role, agent_id=agent_id))
    db.session.flush()


def add_user(email: str, name: str) -> User:
    """Add a user without a password and without a role; the address and the name are those that are stored."""
    user = User(email=email, name=name, created_at=clock.now())
    db.session.add(user)
    db.session.flush()
    return user


def choose_language(user: User, language: str | None) -> None:
    """Set the language of a user's pages and mails; None for that of the browser.

    Raises: Invalid: there are no texts in it.
    """
    if language is not None and language not in LANGUAGES:
        raise Invalid("Choose a language of the list.", pointer="/language")
    user.language = language
    db.session.flush()


def find_user(email: str, session: Session | None = None) -> User | None:
    """Return the user with an e-mail address in any case."""
    if has_controls(email):
        return None
    query = select(User).where(User.email == email.strip().lower())
    return (session or db.session).scalars(query).one_or_none()


def get_user(user_id: UUID) -> User:
    """Return a user.

    Raises: NotFound: there is no such user.
    """
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound("User not found.")
    return user


def lock_user(user: User) -> None:
    """Let a change that reads the other factors of a user run alone, and read the user again."""
    db.session.refresh(user, with_for_update=True)


def lock_unchanged(user: User) -> bool:
    """Lock a user and return whether the account is enabled and has the password that was read before."""
    known_hash = user.password_hash
    lock_user(user)
    return user.disabled_at is None and user.password_hash == known_hash


def list_users() -> Sequence[User]:
    """Return all users by e-mail address."""
    return db.session.scalars(select(User).order_by(User.email)).all()


def set_role(
    user: User, role: Role | None, site_id: UUID | None, now: datetime, *, agent_id: UUID | None = None
) -> None:
    """Set the role of a user at a site, or at all sites, and the agent whom the user is there; None removes it."""
    query = select(Membership).where(Membership.user_id == user.id, Membership.site_id.is_not_distinct_from(site_id))
    membership = db.session.scalars(query).one_or_none()
    if role is None:
        if membership is not None:
            db.session.delete(membership)
    elif membership is None:
        db.session.add(Membership(user_id=user.id, site_id=site_id, role=role, agent_id=agent_id))
    else:
        membership.role, membership.agent_id, membership.from_groups = role, agent_id, False
    end_sessions(user.id, now)
    db.session.flush()


def set_may_create_sites(user: User, may_create: bool, now: datetime) -> None:
    """Let a user create sites, or no longer."""
    if user.may_create_sites != may_create:
        user.may_create_sites = may_create
        end_sessions(user.id, now)
        db.session.flush()


def set_disabled(user: User, is_disabled: bool, now: datetime) -> None:
    """Stop a user from signing in, or let them sign in again."""
    user.disabled_at = (user.disabled_at or now) if is_disabled else None
    if is_disabled:
        end_sessions(user.id, now)
    db.session.flush()


def hash_new_password(user: User, password: str) -> str:
    """Return the hash of a new password.

    Call it outside a transaction, because votes would wait for it.

    Raises:
        Invalid: the password is too short, too long or too easy to guess.
        TooMany: too many passwords are being checked.
    """
    passwords.check_strength(password, [user.email, user.email.partition("@")[0], user.name, "tilfreds"])
    return passwords.to_hash(password)


def set_password_hash(user: User, password_hash: str, now: datetime, *, but: UUID | None = None) -> None:
    """Store a new password, end all sessions of the user except `but`, and make the user's links useless."""
    user.password_hash = password_hash
    invalidate_links(user, now)
    end_sessions(user.id, now, but=but)
    db.session.flush()


def invalidate_links(user: User, now: datetime) -> None:
    """Make the links useless with which a user sets a password."""
    statement = update(AccountLink).where(AccountLink.user_id == user.id, AccountLink.used_at.is_(None))
    db.session.execute(statement.values(used_at=now))
