"""A page with the real card in a theme that is not saved yet. It sends nothing and stores nothing."""

from __future__ import annotations

from flask import current_app, make_response, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...core import tokens
from ...core.errors import Invalid
from ...sites.models import Site
from ...sites.themes import PAGE_FONT, check_theme_values, find_contrast_problems, to_css
from ...storage.db import db
from ...surveys.models import Survey
from ..sites.views import site_of
from .appearance import APPEARANCE
from .form import read_changes, typed_values

#: Without `allow-same-origin`, the page has no access to the console, its cookie or its storage.
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src https: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
)
#: The font of the page in the preview, for a card that has the font of its page.
PREVIEW_FONT = "Georgia, serif"


@requires("console", "read", right="manage_sites")
def preview_theme(key: str) -> Response:
    """Show the site's card on a light or a dark page, in the theme of the query."""
    site, problems, css = site_of(key), [], ""
    try:
        theme = read_changes(site, APPEARANCE.settings, typed_values(request.args, APPEARANCE.settings))["theme"]
        check_theme_values(theme)
        problems = [message for _pointer, message in find_contrast_problems(theme)]
        css = to_css(theme).replace(PAGE_FONT, PREVIEW_FONT)
    except Invalid as error:
        problems = [error.detail]
    nonce = tokens.random_text(16)
    page = render_template(
        "console/theme_preview.html",
        scheme="dark" if request.args.get("scheme") == "dark" else "light",
        script=current_app.config["TILFREDS"].site_file(site.key),
        css=css,
        problems=problems,
        nonce=nonce,
        has_survey=has_article_survey(site),
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=nonce)
    return response


def has_article_survey(site: Site) -> bool:
    """Return whether a survey of articles is open, without which the card does not appear."""
    query = select(Survey.id).where(Survey.site_id == site.id, Survey.placement == "article")
    return db.session.scalar(query.where(Survey.closed_at.is_(None)).limit(1)) is not None
