"""Models of users and their memberships, console sessions, API keys and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, new_id

#: The condition of the index that allows one membership at all sites for each user.
ALL_SITES = text("site_id IS NULL")


class ApiKey(Model):
    """An API key of the owner's back end.

    Only its SHA-256 is stored; the key itself is displayed once.
    """

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("key_hash"),)

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    key_hash: Mapped[str] = mapped_column(String(64))
    #: "read", "write" or both.
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime]
    #: The user, operator or command that created it; empty for keys from before it was stored.
    created_by: Mapped[str] = mapped_column(String(300), default="")
    #: None for a key that does not expire.
    expires_at: Mapped[datetime | None]
    #: Written at most once in `service.USE_INTERVAL`.
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditEntry(Model):
    """A decision in the audit log.

    Its hash covers the previous entry (accounts/audit.py).
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_at", "at", "site_id", "number"),)

    #: The site; `audit.SERVER` for what belongs to no site, so it has no foreign key.
    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: From 1, without a gap.
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(300))
    #: One of `actors.ActorKind`; empty in entries from before it was stored.
    actor_kind: Mapped[str] = mapped_column(String(20))
    #: The id of the user or the API key.
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(40))
    #: The object of the action, such as `vote` and its id.
    target: Mapped[str] = mapped_column(String(300))
    #: Plain values, never a visitor's text, because that could not be erased from the chain.
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class User(Model):
    """A person who signs in to the console."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: In lower case, because people type it in any case.
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(100))
    #: Argon2id with its parameters; None until the person has chosen a password.
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    #: Since when the user may not sign in.
    disabled_at: Mapped[datetime | None]
    #: Whether an owner lets the user create sites. Owners of all sites always can.
    may_create_sites: Mapped[bool] = mapped_column(Boolean, default=False)
    #: The language of pages and mails; None for that of the browser.
    language: Mapped[str | None] = mapped_column(String(8))


class Membership(Model):
    """The role of a user at one site, or at all sites."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "site_id"),
        Index("uq_membership_all_sites", "user_id", unique=True, sqlite_where=ALL_SITES, postgresql_where=ALL_SITES),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    #: None for all sites, those that are created later included.
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    role: Mapped[str] = mapped_column(String(20))
    #: The agent of the site whom the user is, in `agent`; None for the agent with the user's e-mail address.
    agent_id: Mapped[UUID | None]
    #: Whether a group of single sign-on gives it. It then counts only in sessions that single sign-on has opened.
    from_groups: Mapped[bool] = mapped_column(default=False)


class SignOnIdentity(Model):
    """A person as the provider of single sign-on knows them, and their account here."""

    __tablename__ = "sign_on_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class AccountLink(Model):
    """A link with which a user sets a password, once.

    Its code is stored as a hash.
    """

    __tablename__ = "account_link"
    __table_args__ = (UniqueConstraint("code_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginSession(Model):
    """A session of a person signed in to the console.

    The value of its cookie is stored as a hash.
    """

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("token_hash"), UniqueConstraint("link_hash"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: None for a session opened by a link of `tilfreds owner link`, which has the rights of an owner.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    #: The one-time link, or the attempt of single sign-on, that opened it; unique, so that it opens a single session.
    #: None after a password.
    link_hash: Mapped[str | None] = mapped_column(String(64))
    #: Whether single sign-on opened it; only then the roles of groups count.
    is_sign_on: Mapped[bool] = mapped_column(default=False)
    #: The browser, as its `User-Agent` names it.
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    #: Written at most once in `sessions.TOUCH_INTERVAL`.
    last_used_at: Mapped[datetime]
    #: When the person last proved their identity: at the sign-in, or later (accounts/confirmation.py).
    confirmed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
