"""How often each step after the first tap was shown, answered and skipped, by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from ..inbox.load_ratings import AnySession
from ..ratings.models import StepTally
from ..surveys.models import SurveyRevision


@dataclass
class StepCount:
    """The counted votes of one day; each is in one of `shown` (and left there), `answered` and `skipped`."""

    revision_id: UUID
    step: str
    day: date
    shown: int = 0
    answered: int = 0
    skipped: int = 0

    @property
    def seen(self) -> int:
        return self.shown + self.answered + self.skipped


def step_counts(session: AnySession, site_id: UUID, survey_id: UUID) -> list[StepCount]:
    """Oldest day first; within a day by revision and step."""
    place = (StepTally.voted_on, SurveyRevision.number, StepTally.step)
    rows = session.execute(
        select(StepTally.revision_id, StepTally.step, StepTally.voted_on, StepTally.outcome, func.sum(StepTally.n))
        .join(
            SurveyRevision,
            (SurveyRevision.site_id == StepTally.site_id) & (SurveyRevision.id == StepTally.revision_id),
        )
        .where(
            StepTally.site_id == site_id,
            SurveyRevision.survey_id == survey_id,
            StepTally.standing == "counted",
            StepTally.n != 0,
        )
        .group_by(StepTally.revision_id, StepTally.outcome, *place)
        .order_by(*place)
    )
    found: dict[tuple[UUID, str, date], StepCount] = {}
    for revision_id, step, day, outcome, n in rows:
        count = found.setdefault((revision_id, step, day), StepCount(revision_id, step, day))
        setattr(count, outcome, n)
    return list(found.values())
