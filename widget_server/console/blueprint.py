"""The console: pages for people. Its routes, its policy, and how its refusals look."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, render_template, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from ..auth.access import requires
from ..core.errors import DomainError, NotFound
from ..storage.db import db
from ..web import translations
from . import assets, formatting, forms, live
from .agents import views as agents
from .articles import views as articles
from .conversations import conversation_list, exclusions, mark_read, screenshots, survey_actions
from .conversations import views as conversations
from .sign_in import views as sign_in
from .sites import views as sites

log = logging.getLogger("tilfreds.console")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {live}; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types console"
)


def init_app(app: Flask) -> None:
    """Register the console under `/console/`."""
    translations.init_app(app)
    app.register_blueprint(make_blueprint())


def make_blueprint() -> Blueprint:
    blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
    blueprint.add_url_rule("/", "sites", sites.sites)
    blueprint.add_url_rule("/sign-in/<token>", "sign_in", sign_in.link)
    blueprint.add_url_rule("/sign-in/<token>", "redeem", sign_in.redeem, methods=["POST"])
    blueprint.add_url_rule("/sign-out", "sign_out", sign_in.sign_out, methods=["POST"])
    blueprint.add_url_rule("/-/<version>/<name>", "file", assets.file)
    blueprint.add_url_rule("/<key>/", "site", sites.site)
    blueprint.add_url_rule("/<key>/conversations", "conversations", conversations.conversations)
    blueprint.add_url_rule("/<key>/conversations/<conversation>", "conversation", conversations.conversation)
    blueprint.add_url_rule("/<key>/seen", "all_seen", mark_read.all_seen, methods=["POST"])
    for name, decide in (("ask", survey_actions.ask), ("close", survey_actions.close), ("seen", mark_read.seen)):
        blueprint.add_url_rule(f"/<key>/conversations/<conversation>/{name}", name, decide, methods=["POST"])
    for name, decide in (("exclude", exclusions.exclude), ("restore", exclusions.restore)):
        for of in ("conversations/<conversation>", "articles"):
            rule = f"/<key>/{of}/votes/<uuid:vote_id>/{name}"
            blueprint.add_url_rule(rule, name, decide, methods=["POST"])
    blueprint.add_url_rule("/<key>/articles", "articles", articles.articles)
    blueprint.add_url_rule("/<key>/agents", "agents", agents.agents)
    blueprint.add_url_rule("/<key>/agents/<uuid:agent_id>", "agent", agents.agent)
    blueprint.add_url_rule("/<key>/screenshots/<name>", "screenshot", screenshots.screenshot)
    blueprint.add_url_rule("/<key>/live", "live", live.token)
    blueprint.add_url_rule("/<path:rest>", "elsewhere", elsewhere)
    blueprint.after_request(protect)
    blueprint.register_error_handler(DomainError, handle_domain_error)
    for error in (OperationalError, PoolTimeout):
        blueprint.register_error_handler(error, away)
    blueprint.register_error_handler(Exception, fault)
    blueprint.context_processor(in_templates)
    return blueprint


def in_templates() -> dict[str, Any]:
    """What every template may call."""
    return {
        "words": formatting,
        "file": assets.address,
        "form_token": sign_in.form_token,
        "unread_of": conversation_list.unread_of,
        "from_row": forms.from_row,
    }


@requires("console", "read")
def elsewhere(rest: str) -> None:
    raise NotFound("There is no such page.")


def protect(response: Response) -> Response:
    """What every page of the console says about itself; nothing of it is kept by anything in between."""
    live_address = current_app.config["TILFREDS"].live_base_url
    response.headers.setdefault("Content-Security-Policy", POLICY.format(live=live_address))
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def handle_domain_error(error: DomainError) -> tuple[str, int, dict[str, str]]:
    """A refusal as a page; a fragment's reader only needs the status."""
    db.session.rollback()
    page = render_template(
        "console/refusal.html",
        title=TITLES.get(error.status, "Not done"),
        detail=error.detail,
        signed_out=error.code in ("signed_out", "link_expired", "link_used", "bad_link"),
        signed_in="login_session" in g,
        path=request.path,
    )
    return page, error.status, {"Cache-Control": "no-store"}


def away(error: Exception) -> tuple[str, int, dict[str, str]]:
    """The database cannot be reached, or all connections are taken: the page says so, and when to come back."""
    db.session.rollback()
    detail = "The database is busy or away. Nothing is lost; try again in a moment."
    page = render_template("console/refusal.html", title=TITLES[503], detail=detail, signed_out=False, signed_in=False)
    return page, 503, {"Cache-Control": "no-store", "Retry-After": "2"}


def fault(error: Exception) -> Any:
    """A mistake of ours: logged whole, said in a sentence."""
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        # A connection that was thrown away, for whatever reason, is no fault of the page.
        return away(error)
    db.session.rollback()
    log.exception("unexpected")
    detail = "Something went wrong here. Reload the page; if it stays, the server's log says why."
    page = render_template("console/refusal.html", title=TITLES[500], detail=detail, signed_out=False, signed_in=False)
    return page, 500, {"Cache-Control": "no-store"}


TITLES = {
    401: "Signed out",
    403: "This cannot be done",
    404: "Not found",
    409: "Not as things stand",
    422: "This cannot be shown",
    500: "A fault of ours",
    503: "Not just now",
}
