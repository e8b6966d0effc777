"""Show each article with its ratings over a time span, and its latest comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from ...auth.access import requires
from ...auth.signed_in import may
from ...inbox.article_list import (
    ArticleName,
    count_articles,
    count_suspected_votes,
    count_views,
    find_article_names,
    search_article_names,
)
from ...inbox.articles import CommentLine, find_current_scale, load_comments
from ...inbox.personal import comments_without_personal
from ...inbox.surges import count_open_surges
from ...ratings.tally_models import SubjectTally
from ...reports.group_scores import count_positive, count_ratings, scores_of_groups, trends_of_groups
from ...reports.scores import Score
from ...sites.models import Site
from ...storage.db import db
from ...surveys.scales import THUMBS
from ..conversations.views import common, fragment
from ..forms import from_row, read_offset
from ..live import position
from ..rated_list import (
    ARTICLE_SORTS,
    EXCLUSION_LABELS,
    PAGE_SIZE,
    SPANS,
    Span,
    draw_trend_of,
    parse_span,
    sort_by_score,
)
from ..sites.views import site_of


@dataclass(frozen=True)
class ListedArticle:
    """An article with its counts over the time span, and its latest comments of all times."""

    id: UUID
    subject: str
    score: Score
    #: Whether every answer is a thumb. Thumbs have no neutral score, so the page shows no neutral count.
    is_thumbs: bool
    trend: Markup
    views: int
    #: Votes that are not counted, because they may be automated.
    suspected: int
    #: Newest first.
    comments: list[CommentLine]


@requires("console", "read", right="read_ratings")
def articles(key: str) -> Response:
    """Show the articles in the chosen order, or those that a search finds."""
    site = site_of(key)
    place, span = position(), parse_span(site, ARTICLE_SORTS)
    offset = read_offset()
    page_articles, total = find_page(span, offset)
    values = {"span": span, "rows": load_rows(span, page_articles), "offset": offset}
    if request.args.get("fragment") == "figures":
        return fragment("console/article_list.html", site, **values)
    choices = {"spans": SPANS, "exclusion_labels": EXCLUSION_LABELS, "total": total, "size": PAGE_SIZE}
    surges = count_open_surges(db.session, site.id)
    return make_response(
        render_template("console/articles.html", **common(site), **values, **choices, place=place, open_surges=surges)
    )


def find_page(span: Span, offset: int) -> tuple[Sequence[ArticleName], int]:
    """Return the articles of a page of the list, and the number of all.

    By name, only the counters of the page are read, by another order those of all articles over the time span.
    """
    site_id = span.site.id
    if span.sort == "name" and not span.q:
        return find_article_names(db.session, site_id, offset=offset, limit=PAGE_SIZE), count_articles(
            db.session, site_id
        )
    names = search_article_names(db.session, site_id, span.q)
    return sort_articles(span, names)[offset : offset + PAGE_SIZE], len(names)


def sort_articles(span: Span, names: Sequence[ArticleName]) -> Sequence[ArticleName]:
    """Return articles in the chosen order; those that are equal in it stay in the order of their paths."""
    if span.sort == "name":
        return names
    counters = span.counters_of(SubjectTally)
    if span.sort == "score":
        return sort_by_score(names, count_positive(db.session, counters))
    if span.sort == "views":
        counts = count_views(db.session, span.site.id, counters.since, counters.until)
    else:
        counts = count_ratings(db.session, counters)
    return sorted(names, key=lambda article: -counts.get(article.id, 0))


def load_rows(span: Span, page_articles: Sequence[ArticleName]) -> list[ListedArticle]:
    """Return the articles of a page with all that it shows of them."""
    site, counters = span.site, span.counters_of(SubjectTally)
    ids = [article.id for article in page_articles]
    scores = scores_of_groups(db.session, counters, ids)
    trends = trends_of_groups(db.session, counters, ids, by=span.by, starts=span.starts[::-1])
    days = (counters.since, counters.until)
    views = count_views(db.session, site.id, *days, ids)
    suspected = count_suspected_votes(db.session, site.id, *days, ids)
    comments, current_scale = load_comments(db.session, site.id, ids), find_current_scale(db.session, site.id)
    may_see_personal = may("read_personal", site)
    return [
        ListedArticle(
            id=article.id,
            subject=article.subject,
            score=scores[article.id],
            is_thumbs=all(scale == THUMBS.name for scale in scores[article.id].scales or [current_scale]),
            trend=draw_trend_of(article.subject, trends[article.id]),
            views=views.get(article.id, 0),
            suspected=suspected.get(article.id, 0),
            comments=comments[article.id] if may_see_personal else comments_without_personal(comments[article.id]),
        )
        for article in page_articles
    ]


def back_to_article(site: Site, article_id: UUID) -> Redirect:
    """Redirect to an article, on the page of the list that the form was sent from."""
    place = parse_span(site, ARTICLE_SORTS).query_with(**from_row(read_offset()))
    return redirect(url_for("console.articles", key=site.key, _anchor=f"article-{article_id}", **place), 303)
