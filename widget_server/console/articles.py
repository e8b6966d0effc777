"""The list of articles: what their readers thought, and their latest words."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from ..db import db
from ..doors import door
from ..ratings.articles import articles as list_articles
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
    offset = min(max(request.args.get("from", 0, type=int), 0), MOST)
    listed = list_articles(db.session, site.id, offset=offset, limit=PAGE)
    if request.args.get("fragment") == "articles":
        return fragment("console/article_list.html", site, listed=listed, offset=offset)
    values = common(site)
    return make_response(
        render_template("console/articles.html", **values, place=place, listed=listed, offset=offset, size=PAGE)
    )
