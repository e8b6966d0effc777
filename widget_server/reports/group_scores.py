"""Scores and trends of several agents or articles.

They are sums of the counters (`AgentTally`, `SubjectTally`). No vote is read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select

from ..conversations.models import Agent
from ..ratings.tally_models import AgentTally, SubjectTally
from ..storage.prepared import AnySession
from ..subjects.models import Subject
from ..surveys.models import SurveyRevision
from .scores import SCORED_STATUSES, By, Excluded, Score, has_sentiment, to_first_day
from .statistics.league import GroupCount
from .statistics.shares import MIN_ANSWERS
from .vote_counts import has_any

GroupTally = type[AgentTally] | type[SubjectTally]
GROUPS: dict[GroupTally, tuple[Any, type[Agent] | type[Subject]]] = {
    AgentTally: (AgentTally.agent_id, Agent),
    SubjectTally: (SubjectTally.subject_id, Subject),
}


@dataclass(frozen=True)
class GroupSpan:
    """The counters of a kind of group that scores are summed from: those of a site over some days."""

    site_id: UUID
    tally: GroupTally
    excluded: Excluded
    since: date
    #: The day after the last one.
    until: date

    @property
    def group_id(self) -> Any:
        """Return the column with the group of a counter."""
        return GROUPS[self.tally][0]

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions that a counter belongs to the span."""
        return [
            self.tally.site_id == self.site_id,
            self.tally.voted_on >= self.since,
            self.tally.voted_on < self.until,
            self.tally.status.in_(SCORED_STATUSES[self.excluded]),
        ]

    @property
    def of_any(self) -> ColumnElement[bool]:
        """Return a condition that every counter meets, so that a database skips the other days of each group."""
        return has_any(GROUPS[self.tally][1], self.group_id, self.site_id)

    @property
    def is_revision(self) -> ColumnElement[bool]:
        """Return the condition that joins a counter's revision."""
        revision = SurveyRevision
        return and_(revision.site_id == self.tally.site_id, revision.id == self.tally.revision_id)

    @property
    def positive(self) -> ColumnElement[int]:
        """Return the sum of positive ratings; `SurveyRevision` must be joined."""
        return func.sum(case((has_sentiment(self.tally.score, "positive"), self.tally.n), else_=0))


def scores_of_groups(session: AnySession, span: GroupSpan, ids: Collection[UUID]) -> dict[UUID, Score]:
    """Return the total score of each of these groups, also of those without answers."""
    tally = span.tally
    query = (
        select(span.group_id, SurveyRevision.scale, tally.score, func.sum(tally.n))
        .join(SurveyRevision, span.is_revision)
        .where(*span.conditions, span.group_id.in_(ids))
        .group_by(span.group_id, SurveyRevision.scale, tally.score)
    )
    scores = {group_id: Score() for group_id in ids}
    for group_id, scale, score, n in session.execute(query):
        scores[group_id].add(scale, score, n)
    return scores


def trends_of_groups(
    session: AnySession, span: GroupSpan, ids: Collection[UUID], *, by: By, starts: Sequence[date]
) -> dict[UUID, list[float | None]]:
    """Return the shares of each group in the periods with these first days; None where there are too few answers."""
    query = (
        select(span.group_id, span.tally.voted_on, span.positive, func.sum(span.tally.n))
        .join(SurveyRevision, span.is_revision)
        .where(*span.conditions, span.group_id.in_(ids))
        .group_by(span.group_id, span.tally.voted_on)
    )
    sums = {group_id: {start: [0, 0] for start in starts} for group_id in ids}
    for group_id, day, positive_count, n in session.execute(query):
        of_period = sums[group_id][to_first_day(day, by)]
        of_period[0] += positive_count
        of_period[1] += n
    return {
        group_id: [positive_count / n if n >= MIN_ANSWERS else None for positive_count, n in periods.values()]
        for group_id, periods in sums.items()
    }


def count_positive(session: AnySession, span: GroupSpan) -> dict[UUID, GroupCount]:
    """Return the positive ratings and all ratings of every group that has some."""
    query = (
        select(span.group_id, span.positive, func.sum(span.tally.n))
        .join(SurveyRevision, span.is_revision)
        .where(*span.conditions, span.of_any)
        .group_by(span.group_id)
    )
    return {group_id: GroupCount(int(positive), int(n)) for group_id, positive, n in session.execute(query)}


def count_ratings(session: AnySession, span: GroupSpan) -> dict[UUID, int]:
    """Return the number of ratings of every group that has some; faster than `count_positive`."""
    query = select(span.group_id, func.sum(span.tally.n)).where(*span.conditions, span.of_any).group_by(span.group_id)
    return {group_id: int(n) for group_id, n in session.execute(query)}
