"""The counters of votes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, Date, ForeignKey, ForeignKeyConstraint, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Model


class Tally(Model):
    """Counters of votes by day, revision and the columns below, changed in the transaction of the vote."""

    __tablename__ = "tally"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    voted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    verified: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class AgentTally(Model):
    """Counters of votes by the agents who are credited with them."""

    __tablename__ = "agent_tally"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "agent_id"], ["agent.site_id", "agent.id"]),
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    voted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    verified: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class QuestionTally(Model):
    """Counters of votes by follow-up question and its outcome. A vote is in one outcome of each question it saw."""

    __tablename__ = "question_tally"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    voted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class RedactionTally(Model):
    """Counters of what was masked in the words of visitors (redaction.py), by day and kind."""

    __tablename__ = "redaction_tally"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    redacted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class SubjectTally(Model):
    """Counters of votes by subject."""

    __tablename__ = "subject_tally"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "subject_id"], ["subject.site_id", "subject.id"]),
        ForeignKeyConstraint(["site_id", "revision_id"], ["survey_revision.site_id", "survey_revision.id"]),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    voted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    verified: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
