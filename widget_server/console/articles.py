"""The list of articles: what their readers thought, and their latest words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from ..db import db
from ..doors import door
from ..ratings.articles import articles as list_articles
from ..sites.models import Site
from .conversations import common, fragment
from .live import position
from .sites import site_of

PAGE = 50
#: More than any site has; a larger number would be too large for a database.
MOST = 2**31 - 1


@door("console", "read")
def articles(key: str) -> Response:
    """The most answered first."""
    site = site_of(key)
    place = position()
    offset = offset_of()
    listed = list_articles(db.session, site.id, offset=offset, limit=PAGE)
    if request.args.get("fragment") == "figures":
        return fragment("console/article_list.html", site, listed=listed, offset=offset)
    values = common(site)
    return make_response(
        render_template("console/articles.html", **values, place=place, listed=listed, offset=offset, size=PAGE)
    )


def offset_of() -> int:
    """With which article the page begins."""
    return min(max(request.args.get("from", 0, type=int), 0), MOST)


def back_to_article(site: Site, subject_id: UUID | None) -> Redirect:
    """Where a form leads that stood under an article's comment: there again."""
    start: dict[str, Any] = {"from": offset_of()} if offset_of() else {}
    return redirect(url_for("console.articles", key=site.key, _anchor=f"article-{subject_id}", **start), 303)
