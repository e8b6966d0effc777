"""Tables of surveys and their revisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, new_id

PLACEMENTS = ("chat_end", "article")


class Survey(Model):
    """A survey with a placement, open or closed. Its newest revision has its question."""

    __tablename__ = "survey"
    __table_args__ = (CheckConstraint("placement in ('chat_end', 'article')", name="placement"),)

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    placement: Mapped[str] = mapped_column(String(20))
    #: How long after the invitation it may be answered.
    window_hours: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class SurveyRevision(Model):
    """A published version of a survey. It is never updated, so every vote keeps the question that it answered."""

    __tablename__ = "survey_revision"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "survey_id"], ["survey.site_id", "survey.id"]),
        UniqueConstraint("site_id", "survey_id", "number"),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    survey_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(Integer)
    #: One of `scales.LOOKS`, such as faces, thumbs or words; the look determines the scale.
    look: Mapped[str] = mapped_column(String(20))
    scale: Mapped[str] = mapped_column(String(20))
    #: By language tag: {"question", "labels" (by ascending score), "thanks", "thanks_for", "questions"}.
    #: question_texts.py describes the texts of the follow-up questions.
    texts: Mapped[dict[str, Any]] = mapped_column(Json)
    #: {"comment": bool, "screenshot": bool, "questions": [...] (follow_up.py)}; a missing key means off.
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime]
