"""The tables of visitors whom a site's signature or back end identified, and of those who were erased."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Model, new_id


class Visitor(Model):
    """A visitor with the owner's own id."""

    __tablename__ = "visitor"
    __table_args__ = (UniqueConstraint("site_id", "external_id"),)

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str] = mapped_column(String(200))
    verified_at: Mapped[datetime]
    created_at: Mapped[datetime]


class ErasedVisitor(Model):
    """The last erasure of a visitor, kept until no answer from before it can arrive any more (erasures.py)."""

    __tablename__ = "erased_visitor"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    person_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    erased_at: Mapped[datetime]
