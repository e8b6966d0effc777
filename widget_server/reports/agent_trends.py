"""The satisfied share of several agents, period by period."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from ..ratings.tally_models import AgentTally
from ..storage.prepared import AnySession
from ..surveys.models import SurveyRevision
from ..surveys.scales import SCALES
from .scores import SCORED_STATUSES, By, Excluded, to_first_day
from .statistics.shares import MIN_ANSWERS


def trends_of_agents(
    session: AnySession,
    site_id: UUID,
    agent_ids: Collection[UUID],
    *,
    by: By,
    excluded: Excluded,
    starts: Sequence[date],
    until: date,
) -> dict[UUID, list[float | None]]:
    """Return the shares of each agent in the periods with these first days; None where there are too few answers."""
    tally, revision = AgentTally, SurveyRevision
    positive = func.sum(case((is_positive(), tally.n), else_=0))
    query = (
        select(tally.agent_id, tally.voted_on, positive, func.sum(tally.n))
        .join(revision, (revision.site_id == tally.site_id) & (revision.id == tally.revision_id))
        .where(
            tally.site_id == site_id,
            tally.agent_id.in_(agent_ids),
            tally.voted_on >= starts[0],
            tally.voted_on < until,
            tally.status.in_(SCORED_STATUSES[excluded]),
        )
        .group_by(tally.agent_id, tally.voted_on)
    )
    sums = {agent_id: {start: [0, 0] for start in starts} for agent_id in agent_ids}
    for agent_id, day, positive_count, n in session.execute(query):
        of_period = sums[agent_id][to_first_day(day, by)]
        of_period[0] += positive_count
        of_period[1] += n
    return {
        agent_id: [positive_count / n if n >= MIN_ANSWERS else None for positive_count, n in periods.values()]
        for agent_id, periods in sums.items()
    }


def is_positive() -> ColumnElement[bool]:
    """Return whether a counter's score is positive on the scale of its revision, in SQL."""
    return or_(
        *(
            and_(
                SurveyRevision.scale == scale.name,
                AgentTally.score.in_([score for score in scale.scores if scale.is_satisfied(score)]),
            )
            for scale in SCALES.values()
        )
    )
