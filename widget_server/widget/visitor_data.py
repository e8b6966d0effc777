"""What the server holds of a visitor's answer: for the browser that sent it, and on a page that changes and erases it.

The `id` of the press proves that the answer is the visitor's; no account is needed. The page's address proves it, too,
for as long as the browser stores the answer.
"""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response, redirect, render_template, request
from marshmallow import ValidationError
from sqlalchemy.orm import Session
from werkzeug import Response as WireResponse

from ..accounts.actors import Actor
from ..auth.access import requires
from ..core import clock, tokens
from ..core.errors import DomainError, Forbidden, Invalid
from ..privacy.erasure_ledger import ERASED_FILE, record_word_erasure
from ..privacy.personal_export import export_rating
from ..ratings.models import Vote
from ..ratings.survey_page import change_comment, find_holder
from ..ratings.word_erasure import erase_words
from ..sites.models import Site
from ..sites.service import find_by_key
from ..sites.signatures import read_survey_token, site_keys, survey_token
from ..storage import group_commit
from ..storage.db import db, engines
from ..storage.engines import empty_log
from .page_request import check_page, current_config, find_allowed_site, limit_source, read_body, site_settings
from .schemas import MAX_COMMENT_LENGTH, CommentValue, DataBody
from .survey import POLICY
from .survey_links import LINK_LIFETIME

BODY_SCHEMA = DataBody()
COMMENT = CommentValue()
VISITOR = Actor("visitor", "Visitor")
#: Marks the holder in the token, so that the link to a survey page opens no data, and the other way round.
PURPOSE = "data:"


def init_app(app: Flask) -> None:
    blueprint = Blueprint("visitor_data", __name__, template_folder="templates")
    # Below the path of the survey page, whose tokens no proxy logs.
    blueprint.add_url_rule("/survey/<key>/<token>/data", "show", show_data)
    blueprint.add_url_rule("/survey/<key>/<token>/data", "change", change_data, methods=["POST"])
    app.register_blueprint(blueprint)


@requires("page", "read")
def describe_data(key: str) -> Response:
    """Return what is held of an answer, and the address of the page that changes and erases it."""
    limit_source("votes", key, current_config().votes_per_source_per_minute)
    fields = read_body(BODY_SCHEMA)
    site = find_allowed_site(key)
    vote, holder = db.session.get(Vote, (site.id, fields["vote"])), tokens.digest(fields["id"])
    if vote is None or not hmac.compare_digest(vote.client_hash, holder):
        raise Forbidden("Only the browser that sent the current answer may read it.", code="not_yours")
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    expires = int((clock.now() + LINK_LIFETIME).timestamp())
    token = survey_token(keys, site.id, vote.id, PURPOSE + holder, expires)
    page = f"{current_app.config['PUBLIC_URL']}/survey/{site.key}/{token}/data"
    return jsonify({"data": export_rating(vote), "page": page})


@requires("anyone", "read")
def show_data(key: str, token: str) -> Response:
    """Show what is held of the answer that the address proves."""
    try:
        site, vote_id, _ = _read_token(key, token, db.session())
    except DomainError as error:
        return _page(error.status, problem=error.detail)
    vote = db.session.get_one(Vote, (site.id, vote_id))
    return _page(data=export_rating(vote), site=site, refused="refused" in request.args, max_length=MAX_COMMENT_LENGTH)


@requires("anyone", "write")
def change_data(key: str, token: str) -> WireResponse:
    """Replace the comment, or erase everything that the visitor wrote, and show the page again."""
    request.max_content_length = current_config().max_body_bytes
    try:
        limit_source("votes", key, current_config().votes_per_source_per_minute)
        with Session(engines().read) as reading:
            site, vote_id, holder = _read_token(key, token, reading)
        if request.form.get("action") == "erase":
            _erase(site.id, vote_id)
        elif request.form.get("action") == "comment":
            _change_comment(key, vote_id, holder)
        else:
            raise Invalid("Action must be comment or erase.", pointer="/action")
    except Invalid:
        return redirect(f"{request.path}?refused=1", 303)
    except DomainError as error:
        return _page(error.status, problem=error.detail)
    return redirect(request.path, 303)


def _erase(site_id: UUID, vote_id: UUID) -> None:
    record_word_erasure(current_app.config["TILFREDS"].data_dir / ERASED_FILE, site_id, vote_id)
    erase_words(site_id, vote_id, by=VISITOR)
    db.session.commit()
    empty_log(engines().write)


def _change_comment(key: str, vote_id: UUID, holder: str) -> None:
    now = clock.now()
    try:
        comment = COMMENT.deserialize(request.form.get("comment", "").replace("\r\n", "\n").strip()) or None
    except ValidationError as error:
        raise Invalid(str(error.messages[0]), pointer="/comment") from error
    group_commit.commit(
        engines().write,
        lambda connection: change_comment(
            connection, site_settings(connection, key, None), vote_id, holder, comment, now
        ),
    )


def _read_token(key: str, token: str, session: Session) -> tuple[Site, UUID, str]:
    """Return the site, the vote and its holder of a page's address.

    Raises: DomainError: the site is removed, or the token is invalid, expired or another client's.
    """
    site = find_by_key(key, session)
    check_page(site, None)
    assert site is not None
    keys = site_keys(session, current_app.config["SECRET_KEYS"], site.id)
    holders: dict[UUID, str | None] = {}
    vote_id = read_survey_token(
        keys,
        site.id,
        token,
        clock.now(),
        lambda vote: PURPOSE + (holders.setdefault(vote, find_holder(session, site.id, vote)) or ""),
    )
    return site, vote_id, holders[vote_id] or ""


def _page(status: int = 200, **context: Any) -> Response:
    nonce = tokens.random_text(tokens.MAC_BYTES)
    response = make_response(render_template("widget/visitor_data.html", nonce=nonce, **context), status)
    response.headers["Content-Security-Policy"] = POLICY.format(nonce)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
