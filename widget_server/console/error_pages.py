"""Error pages of the console, in the language of their reader."""

from __future__ import annotations

import logging
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from ..core.errors import DomainError
from ..core.marked_texts import N_
from ..storage.db import db
from ..web.translations import translate as _

log = logging.getLogger("tilfreds.console")

TITLES = {
    401: N_("Signed out"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    409: N_("This action is not possible"),
    422: N_("Invalid input"),
    429: N_("Too many requests"),
    500: N_("Something went wrong"),
    503: N_("Temporarily unavailable"),
}


def handle_domain_error(error: DomainError) -> Any:
    """Return an error page; a script that asked for a fragment needs only the status."""
    db.session.rollback()
    is_page = request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if error.code == "second_factor" and is_page:
        return redirect(url_for("console.profile", _anchor="second-factor"), 303)
    page = render_template(
        "console/refusal.html",
        title=_(TITLES.get(error.status, TITLES[409])),
        detail=_(error.detail),
        code=error.code,
        signed_out=error.code in ("signed_out", "link_expired", "link_used", "bad_link"),
        signed_in="login_session" in g,
        path=request.path,
    )
    return page, error.status, {"Cache-Control": "no-store"}


def handle_unavailable(error: Exception) -> tuple[str, int, dict[str, str]]:
    """Return a page with `Retry-After`: the database cannot be reached, or all connections are in use."""
    db.session.rollback()
    detail = _("The database is busy or unreachable. Nothing is lost. Try again in a moment.")
    page = render_template(
        "console/refusal.html", title=_(TITLES[503]), detail=detail, signed_out=False, signed_in=False
    )
    return page, 503, {"Cache-Control": "no-store", "Retry-After": "2"}


def handle_exception(error: Exception) -> Any:
    """Log an unexpected error with its traceback, and return a page without details."""
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        # A dropped connection is not the request's fault, so the user may try again.
        return handle_unavailable(error)
    db.session.rollback()
    log.exception("unexpected")
    detail = _("Reload the page. If the problem remains, the server log has the details.")
    page = render_template(
        "console/refusal.html", title=_(TITLES[500]), detail=detail, signed_out=False, signed_in=False
    )
    return page, 500, {"Cache-Control": "no-store"}
