"""Show the overview of a site, and the ratings behind its numbers."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request

from ...auth.access import requires
from ...core.errors import Invalid
from ...core.marked_texts import N_, marked
from ...reports.overview import load_overview
from ...reports.report_filter import AGAINST, PERIODS
from ...reports.report_votes import find_latest_comments, find_report_votes
from ...storage.db import db
from ...surveys.scales import SCALES
from ...web import cursor
from ..conversations.views import common
from ..formatting import SENTIMENTS
from ..sites.views import site_of
from . import report_words
from .address import ReportAddress, read_address
from .cut_table import CHANNEL_LABELS, CUT_LABELS, WEEKDAY_LABELS, load_cut_table, survey_names

#: Ratings on one page of the list.
PAGE_SIZE = 50
LATEST_COMMENTS = 5
PERIOD_LABELS = dict(zip(PERIODS, (N_("7 days"), N_("30 days"), N_("90 days"), N_("12 months")), strict=True))
FILTER_LABELS = {
    "channel": N_("Channel"),
    "survey": N_("Survey"),
    "weekday": N_("Weekday"),
    "agent": N_("Agent"),
    "article": N_("Article"),
    "verified": N_("Visitor"),
}
VERIFIED_LABELS = {"yes": N_("Verified"), "no": N_("Unverified")}


@requires("console", "read", right="read_ratings")
def overview(key: str) -> Response:
    """Show the figures of each scale in use, with the period before."""
    site = site_of(key)
    report = read_address(site)
    figures = load_overview(db.session, site.id, report.report_filter, report.earlier)
    comments = find_latest_comments(db.session, site.id, report.report_filter, limit=LATEST_COMMENTS)
    table = load_cut_table(report, figures.scales[0]) if figures.scales else None
    values = {"figures": figures, "comments": comments, "table": table, **form_values(report)}
    return make_response(render_template("console/overview.html", **common(site), **values))


@requires("console", "read", right="read_ratings")
def report_ratings(key: str) -> Response:
    """List the ratings that a number of a report counts, newest first."""
    site = site_of(key)
    report = read_address(site)
    scale, sentiment = _choice("scale", tuple(SCALES)), _choice("sentiment", tuple(SENTIMENTS))
    place = request.args.get("cursor") or None
    votes = find_report_votes(
        db.session,
        site.id,
        report.report_filter,
        scale=scale,
        sentiment=sentiment,
        after=cursor.decode(place),
        limit=PAGE_SIZE + 1,
    )
    shown_votes, older = votes[:PAGE_SIZE], None
    if len(votes) > PAGE_SIZE:
        last = shown_votes[-1].row.rating
        older = cursor.encode((last.first_at, last.vote_id))
    narrowed = {"scale": scale, "sentiment": sentiment}
    values = {"votes": shown_votes, "older": older, "narrowed": narrowed, **form_values(report)}
    return make_response(render_template("console/report_ratings.html", **common(site), **values))


def form_values(report: ReportAddress) -> dict[str, Any]:
    """Return what the form of the filter needs, and the words of figures."""
    return {
        "report": report,
        "report_filter": report.report_filter,
        "report_words": report_words,
        "today": report.today,
        "periods": PERIOD_LABELS,
        "against_choices": {choice: report_words.AGAINST_LABELS[choice] for choice in AGAINST},
        "cut_labels": CUT_LABELS,
        "filter_labels": FILTER_LABELS,
        "filter_choices": {
            "channel": CHANNEL_LABELS,
            "survey": survey_names(report.site.id),
            "weekday": WEEKDAY_LABELS,
            "verified": VERIFIED_LABELS,
        },
    }


def _choice(name: str, choices: tuple[str, ...]) -> str | None:
    """Return an argument of the address that must be one of the choices, or None without it."""
    text = request.args.get(name) or None
    if text is not None and text not in choices:
        raise Invalid(
            marked("“%(name)s” must be one of: %(choices)s.", name=name, choices=", ".join(choices)), pointer=f"/{name}"
        )
    return text
