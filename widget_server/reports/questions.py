"""How often each follow-up question was shown, answered and skipped, by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from ..inbox.load_ratings import AnySession
from ..ratings.models import QuestionTally
from ..surveys.models import SurveyRevision


@dataclass
class QuestionCount:
    """The counted votes of one day; each is in one of `shown` (and left there), `answered` and `skipped`."""

    revision_id: UUID
    question: str
    day: date
    shown: int = 0
    answered: int = 0
    skipped: int = 0

    @property
    def seen(self) -> int:
        return self.shown + self.answered + self.skipped


def question_counts(session: AnySession, site_id: UUID, survey_id: UUID) -> list[QuestionCount]:
    """Oldest day first; within a day by revision and question."""
    place = (QuestionTally.voted_on, SurveyRevision.number, QuestionTally.question)
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
        .group_by(QuestionTally.revision_id, QuestionTally.outcome, *place)
        .order_by(*place)
    )
    found: dict[tuple[UUID, str, date], QuestionCount] = {}
    for revision_id, question, day, outcome, n in rows:
        count = found.setdefault((revision_id, question, day), QuestionCount(revision_id, question, day))
        setattr(count, outcome, n)
    return list(found.values())
