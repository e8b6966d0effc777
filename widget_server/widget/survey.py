"""`/survey/KEY/TOKEN`: the longer survey, one question at a time, on a page of our own that needs no script.

Opening it writes nothing and sets no cookie; the link itself is what proves the vote (sites/signatures.py).
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
from ..ratings.models import Vote
from ..ratings.survey_page import PageAnswer, answer_on_page, holder_of
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
from .languages import later_texts, spoken
from .page_request import config, limit_source, site_settings, unknown_site
from .schemas import Given

POLICY = "default-src 'none'; style-src 'nonce-{}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
GIVEN = Given()
#: What the form of a question sends.
FIELDS = ("question", "kind", "at", "lang", "value", "move")


def init_app(app: Flask) -> None:
    pages = Blueprint("survey", __name__, template_folder="templates")
    pages.add_url_rule("/survey/<key>/<token>", "show", show)
    pages.add_url_rule("/survey/<key>/<token>", "save", save, methods=["POST"])
    app.register_blueprint(pages)


@requires("anyone", "read")
def show(key: str, token: str) -> Response:
    """The question at `at`, else the first that awaits its answer; after the last one the thanks."""
    site = find_by_key(key)
    try:
        if site is None or not is_living(site):
            raise unknown_site()
        vote = _vote(site, token)
    except DomainError as error:
        return _refusal(site, site.language if site else FALLBACK, error)
    revision = db.session.get_one(SurveyRevision, (site.id, vote.revision_id))
    tag = spoken(site, revision, vote.language)
    questions = [
        question for question in read_questions(revision.settings) if question.page and vote.score in question.scores
    ]
    at = _place(vote, questions)
    if at >= len(questions):
        return _page(site, tag, last=len(questions) - 1)
    question = questions[at]
    words = words_of_questions(revision.texts, [*fallback_tags(tag), *fallback_tags(site.language)])[question.id]
    asked: dict[str, Any] = {
        "question": question,
        "asks": words,
        "given": vote.answers.get(question.id),
        "at": at,
        "of": len(questions),
    }
    return _page(site, tag, **asked, refused="refused" in request.args)


def _vote(site: Site, token: str) -> Vote:
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    vote_id = read_survey_token(keys, site.id, token, clock.now(), lambda vote: holder_of(db.session, site.id, vote))
    vote = db.session.get_one(Vote, (site.id, vote_id))
    if vote.score is None:
        raise Conflict("This answer was removed.", code="removed")
    return vote


def _place(vote: Vote, questions: list[Question]) -> int:
    asked = request.args.get("at", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 3:
        return int(asked)
    open_ones = (
        at for at, question in enumerate(questions) if vote.outcomes.get(question.id) not in ("answered", "skipped")
    )
    return next(open_ones, len(questions))


@requires("anyone", "write", runs_again=False)
def save(key: str, token: str) -> WireResponse:
    """Keep what one question was answered with, and lead on. What is wrong with the link is said where it leads."""
    request.max_content_length = config().max_body_bytes
    at, move = request.form.get("at", 0, int), request.form.get("move", "next")
    after = {"at": max(at - 1, 0) if move == "back" else at + 1}
    now = clock.now()
    try:
        limit_source("votes", key, config().votes_per_source_per_minute)
        given = PageAnswer(request.form.get("question", ""), _given(), _move(move), now)
        with engines().read.connect() as reading:
            site = site_settings(reading, key, None)
            keys = site_keys(reading, current_app.config["SECRET_KEYS"], site.id)
            holders: dict[UUID, str | None] = {}
            vote_id = read_survey_token(
                keys, site.id, token, now, lambda vote: holders.setdefault(vote, holder_of(reading, site.id, vote))
            )
        holder = holders[vote_id] or ""
        group_commit.commit(
            engines().write,
            lambda connection: answer_on_page(connection, site_settings(connection, key, None), vote_id, holder, given),
        )
    except (Forbidden, TooMany) as error:
        return _not_saved(key, error)
    except DomainError:
        after = {"at": at, "refused": 1}
    return redirect(f"{request.path}?{urlencode(after)}", 303)


def _move(move: str) -> Any:
    if move not in ("next", "skip", "back"):
        raise Invalid("The form goes next, skips, or goes back.", pointer="/move")
    return move


def _given() -> Any | None:
    """The value as the kind of the question keeps it; None when nothing was given, or it is skipped."""
    values = [value.replace("\r\n", "\n").strip() for value in request.form.getlist("value")]
    kind, values = request.form.get("kind", ""), [value for value in values if value]
    if not values or request.form.get("move") == "skip":
        return None
    try:
        texts = [GIVEN.deserialize(value) for value in values]
    except ValidationError as error:
        raise Invalid(str(error.messages[0]), pointer="/value") from error
    return KINDS[kind].parse(texts) if kind in KINDS else texts[0]


def _page(site: Site | None, tag: str, status: int = 200, **what: Any) -> Response:
    language = find_language_or_english(tag)
    # The thanks at its end are the survey's own: those of the card say that the answer can be changed there.
    words = {**(later_texts(site, tag) if site else later_words(language)), **survey_words(language)}
    nonce = tokens.random_text(tokens.MAC_BYTES)
    theme = ";".join(f"{name}:{value}" for name, value in to_properties(site.theme or {} if site else {}).items())
    facts = {"lang": tag, "dir": describe_language(language)["dir"], "words": words, "longest": MAX_TEXT}
    page = render_template("widget/survey.html", **facts, nonce=nonce, theme=theme, **what)
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = POLICY.format(nonce)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _refusal(site: Site | None, tag: str, error: DomainError) -> Response:
    words = later_words(FALLBACK)
    code = error.code if error.code in words else "invalid"
    return _page(site, tag, error.status, refusal=code)


def _not_saved(key: str, error: DomainError) -> Response:
    """What a form is told at once; over a limit it gets all that was given back, to be sent again."""
    # The request's own session would write, and wait for SQLite's one writing connection.
    with Session(engines().read) as reading:
        site = find_by_key(key, reading)
    asked = request.form.get("lang", "")
    tag = asked if find_language(asked) else site.language if site else FALLBACK
    if not isinstance(error, TooMany):
        return _refusal(site, tag, error)
    given = [(name, value) for name in FIELDS for value in request.form.getlist(name)]
    response = _page(site, tag, error.status, again=given)
    response.headers["Retry-After"] = str(error.retry_after)
    return response
