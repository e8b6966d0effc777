"""Create, publish, close and find surveys. Functions flush and never commit."""

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
from .question_definitions import create_questions
from .question_texts import check_question_words
from .questions.base import Question
from .scales import CES, DIRECTIONS, LOOKS, scale_of
from .text_rules import check_texts

DEFAULT_WINDOW_HOURS = 14 * 24
#: A page may use a file of this age (`max-age` and stale use), so a closed survey accepts votes for as long.
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
    """Create a survey with its first revision. Missing texts are the product's default texts (static/texts).

    Raises:
        Invalid: with a pointer to the first wrong setting.
    """
    if placement not in PLACEMENTS:
        raise Invalid(f"Placement must be one of {', '.join(PLACEMENTS)}.", pointer="/placement")
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
    """Publish a new revision. Older ones stay as they are, with their votes.

    `direction` is "down" if 1 is the easiest on the effort scale; it is stored as the scale. A question of kind
    `comment` replaces the link that `comment` offers. Raises Invalid with a pointer to the first wrong setting.
    """
    if look not in LOOKS:
        raise Invalid(f"Look must be one of {', '.join(LOOKS)}.", pointer="/look")
    if direction not in DIRECTIONS or (direction == "down" and LOOKS[look].scale is not CES):
        raise Invalid("Direction `down` (1 is the easiest) requires the look `ces`.", pointer="/direction")
    check_texts(texts or {}, LOOKS[look])
    scale = scale_of(look, direction)
    follow_up_questions = create_questions(questions, scale)
    check_question_words(texts or {}, follow_up_questions, scale, site.language)
    revision = SurveyRevision(
        site_id=site.id,
        survey_id=survey.id,
        number=_next_number(site, survey),
        look=look,
        scale=scale.name,
        texts=texts or {},
        settings={**_settings(comment, follow_up_questions), "screenshot": screenshot},
        created_at=clock.now(),
    )
    db.session.add(revision)
    bump_version(site)
    db.session.flush()
    return revision


def _next_number(site: Site, survey: Survey) -> int:
    of_survey = (SurveyRevision.site_id == site.id, SurveyRevision.survey_id == survey.id)
    return (db.session.scalar(select(func.max(SurveyRevision.number)).where(*of_survey)) or 0) + 1


def _settings(comment: bool, questions: Sequence[Question]) -> dict[str, Any]:
    has_link = comment and all(question.kind != "comment" for question in questions)
    return {"comment": has_link, **({"questions": [question.to_json() for question in questions]} if questions else {})}


def change_survey(site: Site, survey: Survey, *, name: str | None = None, window_hours: int | None = None) -> None:
    """Change the name or the window. Votes cache the window by the site's version, so a new window increases it."""
    if name is not None:
        survey.name = name
    if window_hours is not None and window_hours != survey.window_hours:
        survey.window_hours = window_hours
        bump_version(site)
    db.session.flush()


def close_survey(site: Site, survey: Survey) -> None:
    """Stop asking. Pages with an old file may still vote for a day and the response window."""
    survey.closed_at = survey.closed_at or clock.now()
    bump_version(site)
    db.session.flush()


def open_survey(site: Site, survey: Survey) -> None:
    """Start asking again."""
    survey.closed_at = None
    bump_version(site)
    db.session.flush()


def find_survey(site_id: UUID, survey_id: UUID) -> Survey:
    """Return a survey by its id. Raise NotFound if it is unknown."""
    survey = db.session.get(Survey, (site_id, survey_id))
    if survey is None:
        raise NotFound("Survey not found; check its id.")
    return survey


def surveys_of(site_id: UUID) -> Sequence[Survey]:
    return db.session.scalars(select(Survey).where(Survey.site_id == site_id).order_by(Survey.created_at)).all()


def newest_revision(site_id: UUID, survey_id: UUID) -> SurveyRevision:
    """Return the current revision of a survey."""
    return db.session.scalars(
        select(SurveyRevision)
        .where(SurveyRevision.site_id == site_id, SurveyRevision.survey_id == survey_id)
        .order_by(SurveyRevision.number.desc())
        .limit(1)
    ).one()


def survey_for(site_id: UUID, placement: str) -> Survey | None:
    """Return the open survey of a placement, the newest if there are several, or None."""
    return db.session.scalars(
        select(Survey)
        .where(Survey.site_id == site_id, Survey.placement == placement, Survey.closed_at.is_(None))
        .order_by(Survey.created_at.desc(), Survey.id.desc())
        .limit(1)
    ).one_or_none()
