"""Show each article with its ratings and latest comments."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from ...auth.access import requires
from ...auth.signed_in import may
from ...inbox.articles import find_articles
from ...inbox.personal import articles_without_personal
from ...inbox.surges import count_open_surges
from ...sites.models import Site
from ...storage.db import db
from ..conversations.views import common, fragment
from ..forms import from_row, read_offset
from ..live import position
from ..sites.views import site_of

PAGE_SIZE = 50


@requires("console", "read", right="read_ratings")
def articles(key: str) -> Response:
    """Show the articles, most rated first."""
    site = site_of(key)
    place = position()
    offset = read_offset()
    listed = find_articles(db.session, site.id, offset=offset, limit=PAGE_SIZE)
    if not may("read_personal", site):
        listed = replace(listed, rows=articles_without_personal(listed.rows))
    if request.args.get("fragment") == "figures":
        return fragment("console/article_list.html", site, listed=listed, offset=offset)
    values = {**common(site), "open_surges": count_open_surges(db.session, site.id)}
    return make_response(
        render_template("console/articles.html", **values, place=place, listed=listed, offset=offset, size=PAGE_SIZE)
    )


def back_to_article(site: Site, article_id: UUID) -> Redirect:
    """Redirect to an article, on the page of the list that the form was sent from."""
    start = from_row(read_offset())
    return redirect(url_for("console.articles", key=site.key, _anchor=f"article-{article_id}", **start), 303)
