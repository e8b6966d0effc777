"""Queries of the revisions of surveys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from ..storage.db import db
from .models import SurveyRevision


def revisions_of(site_id: UUID, survey_ids: Collection[UUID]) -> dict[UUID, list[SurveyRevision]]:
    """Return the revisions of these surveys by survey id, oldest first."""
    revisions: dict[UUID, list[SurveyRevision]] = defaultdict(list)
    query = select(SurveyRevision).where(SurveyRevision.site_id == site_id, SurveyRevision.survey_id.in_(survey_ids))
    for revision in db.session.scalars(query.order_by(SurveyRevision.number)):
        revisions[revision.survey_id].append(revision)
    return revisions
