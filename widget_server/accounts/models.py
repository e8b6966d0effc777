"""Models of API keys, the audit log and console sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, new_id


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
    revoked_at: Mapped[datetime | None]


class AuditEntry(Model):
    """A decision in the audit log.

    Its hash covers the previous entry (accounts/audit.py).
    """

    __tablename__ = "audit_entry"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    #: From 1, without a gap.
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(40))
    #: The object of the action, such as `vote` and its id.
    target: Mapped[str] = mapped_column(String(200))
    #: Plain values, never a visitor's text, because that could not be erased from the chain.
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class LoginSession(Model):
    """A session of a person signed in to the console.

    The value of its cookie is stored as a hash.
    """

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("token_hash"), UniqueConstraint("link_hash"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64))
    #: The one-time link that opened it; unique, so that a link opens a single session.
    link_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
