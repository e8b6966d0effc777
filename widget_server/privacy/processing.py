"""What a site collects by its present settings, for a record of processing and a text for its privacy page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from ..conversations.models import Message
from ..core import clock
from ..ratings.redaction import COMMENT_ANSWERS, CONTACT_ANSWERS
from ..ratings.tally_models import RedactionTally
from ..sites.models import Site
from ..storage.db import db
from ..surveys.follow_up import read_questions
from ..surveys.models import Survey, SurveyRevision
from ..visitors.models import Visitor

MASKED_DAYS = 30


@dataclass(frozen=True)
class Processing:
    """The facts of a site. A revision that was replaced counts until its survey is closed."""

    surveys: tuple[str, ...]
    has_comments: bool
    has_contacts: bool
    has_screenshots: bool
    #: Whether the back end reports messages, or names visitors.
    has_messages: bool
    has_visitors: bool
    #: The kinds that are masked, and the days of each kind of data that has a period.
    masked_kinds: tuple[str, ...]
    days: Mapping[str, int]


def describe_processing(site: Site) -> Processing:
    """Return what the site collects by its open surveys, its settings and what its back end has sent."""
    query = (
        select(Survey.name, SurveyRevision.settings)
        .join(SurveyRevision, (SurveyRevision.site_id == Survey.site_id) & (SurveyRevision.survey_id == Survey.id))
        .where(Survey.site_id == site.id, Survey.closed_at.is_(None))
        .order_by(Survey.name)
    )
    rows = db.session.execute(query).all()
    all_settings = [settings for _, settings in rows]
    kinds = {question.kind for settings in all_settings for question in read_questions(settings)}
    return Processing(
        surveys=tuple(dict.fromkeys(name for name, _ in rows)),
        has_comments=bool(kinds.intersection({"comment", *COMMENT_ANSWERS}))
        or any(settings.get("comment") for settings in all_settings),
        has_contacts=bool(kinds.intersection(CONTACT_ANSWERS)),
        has_screenshots=any(settings.get("screenshot") for settings in all_settings),
        has_messages=_has_rows(Message, site),
        has_visitors=_has_rows(Visitor, site),
        masked_kinds=tuple(site.redaction),
        days=dict(site.retention),
    )


def count_masked(site: Site) -> dict[str, int]:
    """Return how many numbers and addresses were masked in the last `MASKED_DAYS` days, by kind."""
    since = clock.local_day(clock.now() - timedelta(days=MASKED_DAYS), site.time_zone)
    query = (
        select(RedactionTally.kind, func.sum(RedactionTally.n))
        .where(RedactionTally.site_id == site.id, RedactionTally.redacted_on >= since)
        .group_by(RedactionTally.kind)
    )
    return dict(db.session.execute(query).all())


def _has_rows(model: type[Message] | type[Visitor], site: Site) -> bool:
    return db.session.scalar(select(model.id).where(model.site_id == site.id).limit(1)) is not None
