"""Routes of /reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import g

from ...auth.access import requires
from ...core import clock
from ...core.errors import Invalid
from ...reports.overview import load_overview
from ...reports.report_filter import DEFAULT_PERIOD, FIRST_YEAR, LAST_YEAR, MAX_DAYS, ReportFilter
from ...reports.response_rates import ResponseRate
from ...sites.service import find_site
from ...storage.db import db
from ..base import Resource
from .schemas import OverviewOut, OverviewQuery

blueprint = Resource("reports", "Reports: scores with intervals, changes and response rates.")


@blueprint.route("/reports/overview")
@requires("api_key", "read")
@blueprint.arguments(OverviewQuery, location="query")
@blueprint.response(200, OverviewOut)
def get_overview(query: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of each scale in use, compared with an earlier period.

    The console's overview shows the same figures.
    """
    against = query.pop("against")
    report_filter = make_filter(query)
    overview = load_overview(db.session, g.site_id, report_filter, report_filter.period_before(against))
    return {
        "since": report_filter.since,
        "until": report_filter.until,
        "scales": [report.to_json() for report in overview.scales],
        "invitations": rates_out(overview.invitations),
        "article": rates_out(overview.articles),
    }


def make_filter(query: dict[str, Any]) -> ReportFilter:
    """Return the filter of a query.

    Raises: Invalid: the days are in the wrong order, too many, or outside of what a report can read.
    """
    site = find_site(g.site_id)
    until = query.pop("until", None) or clock.local_day(clock.now(), site.time_zone) + timedelta(days=1)
    since = query.pop("since", None)
    if not all(FIRST_YEAR <= day.year <= LAST_YEAR for day in (since, until) if day is not None):
        raise Invalid(f"Days must be between {FIRST_YEAR} and {LAST_YEAR}.", pointer="/since")
    since = since or until - timedelta(days=DEFAULT_PERIOD)
    if not 0 < (until - since).days <= MAX_DAYS:
        raise Invalid(f"“since” must be before “until”, by at most {MAX_DAYS} days.", pointer="/since")
    several: dict[str, Any] = {name: (query.pop(name),) for name in ("channel", "survey", "weekday") if name in query}
    return ReportFilter(since, until, **several, **query)


def rates_out(pair: tuple[ResponseRate, ResponseRate]) -> dict[str, Any]:
    now, before = pair
    return {"now": now.to_json(), "before": before.to_json()}
