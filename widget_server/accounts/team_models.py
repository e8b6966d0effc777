"""Models of teams: users who get the same roles at sites."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Model, new_id
from .models import ALL_SITES


class Team(Model):
    """A team of users. Agents of a site have a team of another kind: a name that its back end sends."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]


class TeamMember(Model):
    """A user in a team."""

    __tablename__ = "team_member"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)


class TeamRole(Model):
    """The role of a team's members at one site, or at all sites."""

    __tablename__ = "team_role"
    __table_args__ = (
        UniqueConstraint("team_id", "site_id"),
        Index("uq_team_role_all_sites", "team_id", unique=True, sqlite_where=ALL_SITES, postgresql_where=ALL_SITES),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    #: None for all sites, those that are created later included.
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    role: Mapped[str] = mapped_column(String(20))
