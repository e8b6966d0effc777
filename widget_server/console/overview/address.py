"""The address of a report: every view of it has one, and so has every list behind its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for

from ...core import clock
from ...core.errors import Invalid
from ...core.marked_texts import marked
from ...reports.report_filter import (
    DEFAULT_PERIOD,
    Against,
    ReportFilter,
    parse_against,
    parse_period,
    parse_report_filter,
)
from ...reports.vote_counts import CUTS, Cut
from ...sites.models import Site


@dataclass(frozen=True)
class ReportAddress:
    """What the address asks for."""

    site: Site
    report_filter: ReportFilter
    #: The number of the latest days; None if the address has a first and a last day.
    period: int | None
    against: Against
    #: What the table is cut by; None chooses for the site.
    cut: Cut | None
    today: date

    @property
    def earlier(self) -> ReportFilter:
        """Return the filter of the period that the report is compared with."""
        return self.report_filter.period_before(self.against)

    @property
    def query(self) -> dict[str, Any]:
        """Return the arguments that differ from the defaults."""
        query = self.report_filter.to_query()
        if self.period is None:
            query |= self.days_query()
        elif self.period != DEFAULT_PERIOD:
            query["period"] = str(self.period)
        if self.against != "before":
            query["against"] = self.against
        return query | ({"cut": self.cut} if self.cut else {})

    def days_query(self) -> dict[str, str]:
        """Return the first and the last day, which name the same days tomorrow."""
        return {"since": self.report_filter.since.isoformat(), "until": self.report_filter.last_day.isoformat()}

    def address(self, **changes: Any) -> str:
        """Return the address of the report with changed arguments; None removes one."""
        return url_for("console.overview", key=self.site.key, **{**self.query, **changes})

    def of_ratings(self, **changes: Any) -> str:
        """Return the address of the list of ratings behind a number. Its days do not move with the calendar."""
        query = {**self.query, **self.days_query(), "period": None, "against": None, "cut": None, **changes}
        return url_for("console.report_ratings", key=self.site.key, **query)


def read_address(site: Site) -> ReportAddress:
    """Return what the address of this request asks for.

    Raises: Invalid: the address has an unknown value.
    """
    query = request.args.to_dict(flat=False)
    today = clock.local_day(clock.now(), site.time_zone)
    cut = next((cut for cut in CUTS if cut == request.args.get("cut")), None)
    if cut is None and request.args.get("cut"):
        raise Invalid(marked("“cut” must be one of: %(choices)s.", choices=", ".join(CUTS)), pointer="/cut")
    return ReportAddress(site, parse_report_filter(query, today), parse_period(query), parse_against(query), cut, today)
