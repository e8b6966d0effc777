"""Tables of subjects, which are rated outside conversations: articles, pages and orders."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKey, ForeignKeyConstraint, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..sites.models import Site
from ..storage.db import Model, new_id, table_of


class Subject(Model):
    """A subject with a kind and a name; the name of an article is its path."""

    __tablename__ = "subject"
    __table_args__ = (UniqueConstraint("site_id", "kind", "subject"),)

    # The column itself: with its name, statements would lack the key's type until the site's model is loaded.
    site_id: Mapped[UUID] = mapped_column(ForeignKey(table_of(Site).c.id), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]


class SubjectDay(Model):
    """Counts of a subject's impressions and dismissals on one day of the site."""

    __tablename__ = "subject_day"
    __table_args__ = (ForeignKeyConstraint(["site_id", "subject_id"], ["subject.site_id", "subject.id"]),)

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    shown_count: Mapped[int] = mapped_column(Integer, default=0)
    dismissed_count: Mapped[int] = mapped_column(Integer, default=0)
