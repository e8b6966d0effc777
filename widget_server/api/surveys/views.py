"""Routes of /surveys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import g

from ...auth import audit_trail
from ...auth.access import requires
from ...reports.questions import count_questions
from ...sites.service import find_site
from ...storage.db import db
from ...surveys.models import Survey, SurveyRevision
from ...surveys.revisions import revisions_of
from ...surveys.service import (
    change_survey,
    close_survey,
    create_survey,
    find_survey,
    open_survey,
    publish_revision,
    surveys_of,
)
from ..base import Resource
from .schemas import NewRevision, NewSurvey, QuestionCountsOut, SurveyChanges, SurveyOut, SurveysOut

blueprint = Resource("surveys", "Surveys and their revisions.")
#: The fields of a response that are columns of a survey.
SURVEY_COLUMNS = tuple(name for name in SurveyOut().fields if name != "revisions")


@blueprint.route("/surveys")
@requires("api_key", "read")
@blueprint.response(200, SurveysOut)
def list_surveys() -> dict[str, Any]:
    """List the site's surveys with all revisions."""
    surveys = surveys_of(g.site_id)
    revisions = revisions_of(g.site_id, [survey.id for survey in surveys])
    return {"surveys": [survey_out(survey, revisions[survey.id]) for survey in surveys]}


@blueprint.route("/surveys", methods=["POST"])
@requires("api_key", "write", scope="settings")
@blueprint.arguments(NewSurvey)
@blueprint.response(201, SurveyOut)
def post_survey(fields: dict[str, Any]) -> dict[str, Any]:
    """Create a survey with its first revision.

    If several surveys of a placement are open, the newest one is asked.
    """
    survey, revision = create_survey(find_site(g.site_id), **fields)
    audit_trail.record_change("survey.created", f"survey {survey.id}", {}, fields, site_id=g.site_id)
    db.session.commit()
    return survey_out(survey, [revision])


@blueprint.route("/surveys/<uuid:survey_id>")
@requires("api_key", "read")
@blueprint.response(200, SurveyOut)
def get_survey(survey_id: UUID) -> dict[str, Any]:
    """Return a survey with all revisions."""
    return load_survey_out(find_survey(g.site_id, survey_id))


@blueprint.route("/surveys/<uuid:survey_id>", methods=["PATCH"])
@requires("api_key", "write", scope="settings")
@blueprint.arguments(SurveyChanges)
@blueprint.response(200, SurveyOut)
def patch_survey(changes: dict[str, Any], survey_id: UUID) -> dict[str, Any]:
    """Rename, close or open a survey.

    A closed survey stops asking. Pages with an old file may still vote for a day and the response window.
    """
    site, survey = find_site(g.site_id), find_survey(g.site_id, survey_id)
    before = settings_of(survey)
    is_closed = changes.pop("closed", None)
    change_survey(site, survey, **changes)
    if is_closed is not None:
        (close_survey if is_closed else open_survey)(site, survey)
    audit_trail.record_change("survey.changed", f"survey {survey.id}", before, settings_of(survey), site_id=site.id)
    result = load_survey_out(survey)
    db.session.commit()
    return result


@blueprint.route("/surveys/<uuid:survey_id>/revisions", methods=["POST"])
@requires("api_key", "write", scope="settings")
@blueprint.arguments(NewRevision)
@blueprint.response(201, SurveyOut)
def post_revision(fields: dict[str, Any], survey_id: UUID) -> dict[str, Any]:
    """Publish a new revision.

    Votes keep the revision that they answered. Pages show the new one within five minutes.
    """
    survey = find_survey(g.site_id, survey_id)
    earlier = content_of(revisions_of(g.site_id, [survey.id])[survey.id][-1])
    revision = content_of(publish_revision(find_site(g.site_id), survey, **fields))
    audit_trail.record_change("survey.published", f"survey {survey.id}", earlier, revision, site_id=g.site_id)
    result = load_survey_out(survey)
    db.session.commit()
    return result


@blueprint.route("/surveys/<uuid:survey_id>/questions")
@requires("api_key", "read")
@blueprint.response(200, QuestionCountsOut)
def get_questions(survey_id: UUID) -> dict[str, Any]:
    """Count the outcomes of each follow-up question.

    The counts of shown, answered and skipped change with each vote: a repeated submission counts once, and a removed
    vote does not count.
    """
    survey = find_survey(g.site_id, survey_id)
    return {"questions": count_questions(db.session, g.site_id, survey.id)}


def load_survey_out(survey: Survey) -> dict[str, Any]:
    """Load the revisions of a survey and return it with them."""
    return survey_out(survey, revisions_of(survey.site_id, [survey.id])[survey.id])


def survey_out(survey: Survey, revisions: Sequence[SurveyRevision]) -> dict[str, Any]:
    columns = {name: getattr(survey, name) for name in SURVEY_COLUMNS}
    return {**columns, "revisions": [revision_out(revision) for revision in revisions]}


def revision_out(revision: SurveyRevision) -> dict[str, Any]:
    names = ("id", "number", "look", "scale", "texts", "created_at")
    offers = {name: bool(revision.settings.get(name)) for name in ("comment", "screenshot")}
    questions = revision.settings.get("questions", [])
    return {**{name: getattr(revision, name) for name in names}, **offers, "questions": questions}


def settings_of(survey: Survey) -> dict[str, Any]:
    """Return what may change in a survey, for the audit log."""
    return {"name": survey.name, "window_hours": survey.window_hours, "closed": survey.closed_at is not None}


def content_of(revision: SurveyRevision) -> dict[str, Any]:
    """Return what a revision asks, for the audit log."""
    return {name: getattr(revision, name) for name in ("number", "look", "scale", "texts", "settings")}
