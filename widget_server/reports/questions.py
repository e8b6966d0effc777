"""Daily counts of each follow-up question: shown, answered and skipped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from ..ratings.tally_models import QuestionTally
from ..storage.prepared import AnySession
from ..surveys.models import SurveyRevision


@dataclass
class QuestionCount:
    """The counted votes of one day by outcome. Each vote is in exactly one of the three counts.

    `shown_count` is of the votes whose visitor saw the question and neither answered nor skipped it.
    """

    revision_id: UUID
    question: str
    day: date
    shown_count: int = 0
    answered_count: int = 0
    skipped_count: int = 0

    @property
    def seen_count(self) -> int:
        return self.shown_count + self.answered_count + self.skipped_count


def count_questions(session: AnySession, site_id: UUID, survey_id: UUID) -> list[QuestionCount]:
    """Return the counts of a survey, oldest day first, and within a day by revision and question."""
    order = (QuestionTally.voted_on, SurveyRevision.number, QuestionTally.question)
    rows = session.execute(
        select(
            QuestionTally.revision_id,
            QuestionTally.question,
            QuestionTally.voted_on,
            QuestionTally.outcome,
            func.sum(QuestionTally.n),
        )
        .join(
            SurveyRevision,
            (SurveyRevision.site_id == QuestionTally.site_id) & (SurveyRevision.id == QuestionTally.revision_id),
        )
        .where(
            QuestionTally.site_id == site_id,
            SurveyRevision.survey_id == survey_id,
            QuestionTally.status == "counted",
            QuestionTally.n != 0,
        )
        .group_by(QuestionTally.revision_id, QuestionTally.outcome, *order)
        .order_by(*order)
    )
    counts: dict[tuple[UUID, str, date], QuestionCount] = {}
    for revision_id, question, day, outcome, n in rows:
        count = counts.setdefault((revision_id, question, day), QuestionCount(revision_id, question, day))
        setattr(count, f"{outcome}_count", n)
    return list(counts.values())
