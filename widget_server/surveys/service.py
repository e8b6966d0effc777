"""Surveys: made, published anew, closed, and the one that applies. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from ..core import clock
from ..core.errors import Invalid, NotFound
from ..sites.models import Site
from ..sites.service import bump_version
from ..storage.db import db
from .models import PLACEMENTS, Survey, SurveyRevision
from .question_definitions import make_questions
from .question_texts import check_question_words
from .questions.base import Question
from .scales import CES, DIRECTIONS, LOOKS, scale_of
from .text_rules import check_texts

DEFAULT_WINDOW_HOURS = 14 * 24
#: A page may go on with a file that is this old (`max-age` and stale use), so a closed survey accepts as long.
STALE_FILE = timedelta(days=1)


def create_survey(
    site: Site,
    *,
    name: str,
    placement: str,
    look: str = "faces",
    direction: str = "up",
    texts: dict[str, Any] | None = None,
    comment: bool = True,
    questions: Sequence[Mapping[str, Any]] = (),
    screenshot: bool = False,
    window_hours: int = DEFAULT_WINDOW_HOURS,
) -> tuple[Survey, SurveyRevision]:
    """A survey with its first revision. Texts left out are the product's own words (static/texts)."""
    if placement not in PLACEMENTS:
        raise Invalid(f"A survey's placement is one of {', '.join(PLACEMENTS)}.", pointer="/placement")
    survey = Survey(site_id=site.id, name=name, placement=placement, window_hours=window_hours, created_at=clock.now())
    db.session.add(survey)
    db.session.flush()
    revision = publish_revision(
        site,
        survey,
        look=look,
        direction=direction,
        texts=texts,
        comment=comment,
        questions=questions,
        screenshot=screenshot,
    )
    return survey, revision


def publish_revision(
    site: Site,
    survey: Survey,
    *,
    look: str,
    direction: str = "up",
    texts: dict[str, Any] | None = None,
    comment: bool = True,
    questions: Sequence[Mapping[str, Any]] = (),
    screenshot: bool = False,
) -> SurveyRevision:
    """A new wording. Older ones stay as they are, with the votes that answered them.

    `direction` is "down" where effort is asked so that 1 is the easiest; it is kept as the scale. The follow-up
    `questions` (follow_up.py) are asked after the first tap; one that asks for the comment takes the place of the link
    that `comment` offers.
    """
    if look not in LOOKS:
        raise Invalid(f"A look is one of {', '.join(LOOKS)}.", pointer="/look")
    if direction not in DIRECTIONS or (direction == "down" and LOOKS[look].scale is not CES):
        raise Invalid("Only `ces` can be asked with the direction `down`, 1 being the easiest.", pointer="/direction")
    check_texts(texts or {}, LOOKS[look])
    scale = scale_of(look, direction)
    made = make_questions(questions, scale)
    check_question_words(texts or {}, made, scale, site.language)
    revision = SurveyRevision(
        site_id=site.id,
        survey_id=survey.id,
        number=_next_number(site, survey),
        look=look,
        scale=scale.name,
        texts=texts or {},
        settings={**_settings(comment, made), "screenshot": screenshot},
        created_at=clock.now(),
    )
    db.session.add(revision)
    bump_version(site)
    db.session.flush()
    return revision


def _next_number(site: Site, survey: Survey) -> int:
    own = (SurveyRevision.site_id == site.id, SurveyRevision.survey_id == survey.id)
    return (db.session.scalar(select(func.max(SurveyRevision.number)).where(*own)) or 0) + 1


def _settings(comment: bool, questions: Sequence[Question]) -> dict[str, Any]:
    offers = comment and all(question.kind != "comment" for question in questions)
    return {"comment": offers, **({"questions": [question.to_json() for question in questions]} if questions else {})}


def change_survey(site: Site, survey: Survey, *, name: str | None = None, window_hours: int | None = None) -> None:
    """Rename it, or give its questions another time. Votes keep the time with the site's version, so that one grows."""
    if name is not None:
        survey.name = name
    if window_hours is not None and window_hours != survey.window_hours:
        survey.window_hours = window_hours
        bump_version(site)
    db.session.flush()


def close_survey(site: Site, survey: Survey) -> None:
    """Ask nobody anew. Pages with the old file are still heard for a day and the response window."""
    survey.closed_at = survey.closed_at or clock.now()
    bump_version(site)
    db.session.flush()


def open_survey(site: Site, survey: Survey) -> None:
    """Ask again."""
    survey.closed_at = None
    bump_version(site)
    db.session.flush()


def find_survey(site_id: UUID, survey_id: UUID) -> Survey:
    survey = db.session.get(Survey, (site_id, survey_id))
    if survey is None:
        raise NotFound("There is no such survey.")
    return survey


def surveys_of(site_id: UUID) -> Sequence[Survey]:
    return db.session.scalars(select(Survey).where(Survey.site_id == site_id).order_by(Survey.created_at)).all()


def newest_revision(site_id: UUID, survey_id: UUID) -> SurveyRevision:
    """What the survey asks today."""
    return db.session.scalars(
        select(SurveyRevision)
        .where(SurveyRevision.site_id == site_id, SurveyRevision.survey_id == survey_id)
        .order_by(SurveyRevision.number.desc())
        .limit(1)
    ).one()


def survey_for(site_id: UUID, placement: str) -> Survey | None:
    """The open survey of a placement; the one made last where there are several."""
    return db.session.scalars(
        select(Survey)
        .where(Survey.site_id == site_id, Survey.placement == placement, Survey.closed_at.is_(None))
        .order_by(Survey.created_at.desc(), Survey.id.desc())
        .limit(1)
    ).one_or_none()
