"""Scores of whole sites over their last days, from the counters of votes. No vote is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from ..ratings.tally_models import Tally
from ..storage.prepared import AnySession
from ..surveys.models import SurveyRevision
from .scores import SCORED_STATUSES, Score


def scores_of_sites(session: AnySession, first_days: Mapping[UUID, date]) -> dict[UUID, Score]:
    """Return the score of each of these sites since its first day, also of those without answers."""
    scores = {site_id: Score() for site_id in first_days}
    if not scores:
        return scores
    tally, revision = Tally, SurveyRevision
    query = (
        select(tally.site_id, tally.voted_on, revision.scale, tally.score, func.sum(tally.n))
        .join(revision, (revision.site_id == tally.site_id) & (revision.id == tally.revision_id))
        .where(tally.site_id.in_(scores), tally.voted_on >= min(first_days.values()))
        .where(tally.status.in_(SCORED_STATUSES["without"]))
        .group_by(tally.site_id, tally.voted_on, revision.scale, tally.score)
    )
    for site_id, day, scale, score, n in session.execute(query):
        if day >= first_days[site_id]:
            scores[site_id].add(scale, score, n)
    return scores
