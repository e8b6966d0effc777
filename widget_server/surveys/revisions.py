"""Reads of a survey's wordings, oldest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from ..storage.db import db
from .models import SurveyRevision


def revisions_of(site_id: UUID, survey_ids: Collection[UUID]) -> dict[UUID, list[SurveyRevision]]:
    """Every revision of these surveys."""
    found: dict[UUID, list[SurveyRevision]] = defaultdict(list)
    wanted = select(SurveyRevision).where(SurveyRevision.site_id == site_id, SurveyRevision.survey_id.in_(survey_ids))
    for revision in db.session.scalars(wanted.order_by(SurveyRevision.number)):
        found[revision.survey_id].append(revision)
    return found
