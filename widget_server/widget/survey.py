"""The survey page (`/survey/KEY/TOKEN`): one follow-up question at a time, without JavaScript.

Opening it writes nothing and sets no cookie; the link itself proves the vote (sites/signatures.py).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request
from marshmallow import ValidationError
from sqlalchemy.orm import Session
from werkzeug import Response as WireResponse

from ..auth.access import requires
from ..core import clock, tokens
from ..core.errors import Conflict, DomainError, Forbidden, Invalid, TooMany
from ..ratings.erased import check_not_erased
from ..ratings.models import Vote
from ..ratings.survey_page import PageAnswer, answer_on_page, find_holder
from ..sites.models import Site
from ..sites.service import find_by_key, is_living
from ..sites.signatures import read_survey_token, site_keys
from ..sites.themes import to_properties
from ..storage import group_commit
from ..storage.db import db, engines
from ..surveys.default_texts import FALLBACK, describe_language, later_words, survey_words
from ..surveys.follow_up import read_questions
from ..surveys.language_tags import fallback_tags, find_language, find_language_or_english
from ..surveys.models import SurveyRevision
from ..surveys.question_texts import words_of_questions
from ..surveys.questions.base import MAX_TEXT, Question
from ..surveys.questions.kinds import KINDS
from .languages import later_texts, survey_language
from .page_request import current_config, limit_source, site_settings, unknown_site
from .schemas import AnswerValue

POLICY = "default-src 'none'; style-src 'nonce-{}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
ANSWER_VALUE = AnswerValue()
#: The fields that the form of a question sends.
FIELDS = ("question", "kind", "at", "lang", "value", "move")


def init_app(app: Flask) -> None:
    blueprint = Blueprint("survey", __name__, template_folder="templates")
    blueprint.add_url_rule("/survey/<key>/<token>", "show", show_question)
    blueprint.add_url_rule("/survey/<key>/<token>", "save", save_answer, methods=["POST"])
    app.register_blueprint(blueprint)


@requires("anyone", "read")
def show_question(key: str, token: str) -> Response:
    """Show the question at index `at`, else the first open one; after the last one, the thanks."""
    site = find_by_key(key)
    try:
        if site is None or not is_living(site):
            raise unknown_site()
        vote = _vote(site, token)
    except DomainError as error:
        return _error_page(site, site.language if site else FALLBACK, error)
    revision = db.session.get_one(SurveyRevision, (site.id, vote.revision_id))
    tag = survey_language(site, revision, vote.language)
    questions = [
        question for question in read_questions(revision.settings) if question.page and vote.score in question.scores
    ]
    at = _question_index(vote, questions)
    if at >= len(questions):
        return _page(site, tag, last=len(questions) - 1)
    question = questions[at]
    context: dict[str, Any] = {
        "question": question,
        "question_texts": words_of_questions(revision.texts, [*fallback_tags(tag), *fallback_tags(site.language)])[
            question.id
        ],
        "answer": vote.answers.get(question.id),
        "at": at,
        "question_count": len(questions),
    }
    return _page(site, tag, **context, refused="refused" in request.args)


def _vote(site: Site, token: str) -> Vote:
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    vote_id = read_survey_token(keys, site.id, token, clock.now(), lambda vote: find_holder(db.session, site.id, vote))
    vote = db.session.get_one(Vote, (site.id, vote_id))
    check_not_erased(vote.erased_at, clock.now())
    if vote.score is None:
        raise Conflict("This answer was removed.", code="removed")
    return vote


def _question_index(vote: Vote, questions: list[Question]) -> int:
    index = request.args.get("at", "")
    if index.isascii() and index.isdigit() and len(index) < 3:
        return int(index)
    open_indexes = (
        at for at, question in enumerate(questions) if vote.outcomes.get(question.id) not in ("answered", "skipped")
    )
    return next(open_indexes, len(questions))


@requires("anyone", "write", runs_again=False)
def save_answer(key: str, token: str) -> WireResponse:
    """Save the answer to one question and redirect to the next; an invalid answer returns to the same question."""
    request.max_content_length = current_config().max_body_bytes
    at, move = request.form.get("at", 0, int), request.form.get("move", "next")
    next_query = {"at": max(at - 1, 0) if move == "back" else at + 1}
    now = clock.now()
    try:
        limit_source("votes", key, current_config().votes_per_source_per_minute)
        answer = PageAnswer(request.form.get("question", ""), _answer_value(), _checked_move(move), now)
        with engines().read.connect() as reading:
            site = site_settings(reading, key, None)
            keys = site_keys(reading, current_app.config["SECRET_KEYS"], site.id)
            holders: dict[UUID, str | None] = {}
            vote_id = read_survey_token(
                keys, site.id, token, now, lambda vote: holders.setdefault(vote, find_holder(reading, site.id, vote))
            )
        holder = holders[vote_id] or ""
        group_commit.commit(
            engines().write,
            lambda connection: answer_on_page(
                connection, site_settings(connection, key, None), vote_id, holder, answer
            ),
        )
    except (Forbidden, TooMany) as error:
        return _unsaved_page(key, error)
    except DomainError:
        next_query = {"at": at, "refused": 1}
    return redirect(f"{request.path}?{urlencode(next_query)}", 303)


def _checked_move(move: str) -> Any:
    if move not in ("next", "skip", "back"):
        raise Invalid("Move must be next, skip or back.", pointer="/move")
    return move


def _answer_value() -> Any | None:
    """Return the form's value as the kind of its question stores it; None when it is empty or skipped."""
    values = [value.replace("\r\n", "\n").strip() for value in request.form.getlist("value")]
    kind, values = request.form.get("kind", ""), [value for value in values if value]
    if not values or request.form.get("move") == "skip":
        return None
    try:
        texts = [ANSWER_VALUE.deserialize(value) for value in values]
    except ValidationError as error:
        raise Invalid(str(error.messages[0]), pointer="/value") from error
    return KINDS[kind].parse(texts) if kind in KINDS else texts[0]


def _page(site: Site | None, tag: str, status: int = 200, **context: Any) -> Response:
    language = find_language_or_english(tag)
    # The page has its own thanks, because those of the card say that the answer can be changed there.
    texts = {**(later_texts(site, tag) if site else later_words(language)), **survey_words(language)}
    nonce = tokens.random_text(tokens.MAC_BYTES)
    theme = ";".join(f"{name}:{value}" for name, value in to_properties(site.theme or {} if site else {}).items())
    common = {"lang": tag, "dir": describe_language(language)["dir"], "texts": texts, "max_length": MAX_TEXT}
    html = render_template("widget/survey.html", **common, nonce=nonce, theme=theme, **context)
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = POLICY.format(nonce)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _error_page(site: Site | None, tag: str, error: DomainError) -> Response:
    code = error.code if error.code in later_words(FALLBACK) else "invalid"
    return _page(site, tag, error.status, error_code=code)


def _unsaved_page(key: str, error: DomainError) -> Response:
    """Return the page for a form that was not saved; over a rate limit it holds the fields to send them again."""
    # The session of the request would write and so wait for SQLite's only writing connection.
    with Session(engines().read) as reading:
        site = find_by_key(key, reading)
    form_language = request.form.get("lang", "")
    tag = form_language if find_language(form_language) else site.language if site else FALLBACK
    if not isinstance(error, TooMany):
        return _error_page(site, tag, error)
    unsaved_fields = [(name, value) for name in FIELDS for value in request.form.getlist(name)]
    response = _page(site, tag, error.status, unsaved_fields=unsaved_fields)
    response.headers["Retry-After"] = str(error.retry_after)
    return response
