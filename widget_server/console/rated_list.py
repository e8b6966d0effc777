"""The choices of the lists of agents and articles: period, excluded ratings, search and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol, TypeVar
from uuid import UUID

from flask import request, url_for
from markupsafe import Markup

from ..core import clock
from ..core.errors import Invalid
from ..core.marked_texts import N_, marked
from ..core.text import has_controls
from ..reports.charts.trend import draw_sparkline
from ..reports.group_scores import GroupSpan, GroupTally
from ..reports.scores import By, Excluded, latest_periods
from ..reports.statistics.league import GroupCount, estimate_prior, to_shrunk_share
from ..reports.statistics.shares import MIN_ANSWERS
from ..sites.models import Site
from ..web.translations import translate as _
from .formatting import SENTIMENTS as SENTIMENT_LABELS
from .formatting import percent

PAGE_SIZE = 50
MAX_WORDS_LENGTH = 200


class SpanChoice(NamedTuple):
    """A choice of the page: a number of periods, and its label."""

    periods: int
    label: str


SPANS: dict[By, SpanChoice] = {
    "day": SpanChoice(14, N_("14 days")),
    "week": SpanChoice(12, N_("12 weeks")),
    "month": SpanChoice(12, N_("12 months")),
}
EXCLUSION_LABELS: dict[Excluded, str] = {"without": N_("Excluded ratings hidden"), "with": N_("Excluded ratings shown")}
Sort = Literal["name", "score", "ratings", "views"]
#: The orders of a list, the default first. By score, few ratings are drawn towards the score of all, so that chance
#: does not lead.
AGENT_SORTS: dict[Sort, str] = {"name": N_("By name"), "score": N_("By score")}
ARTICLE_SORTS: dict[Sort, str] = {
    "ratings": N_("By number of ratings"),
    "score": N_("By score"),
    "views": N_("By views"),
    "name": N_("By name"),
}


class HasId(Protocol):
    """An agent or an article."""

    @property
    def id(self) -> UUID: ...


Listed = TypeVar("Listed", bound=HasId)


@dataclass(frozen=True)
class Span:
    """The ratings that the address asks for."""

    site: Site
    by: By
    excluded: Excluded
    #: The words of a search.
    q: str
    sort: Sort
    #: The orders to choose from, with their labels.
    sorts: Mapping[Sort, str]

    @property
    def query(self) -> dict[str, Any]:
        """Return the arguments that differ from the defaults."""
        return self.query_with()

    def query_with(self, **changes: Any) -> dict[str, Any]:
        """Return the query with some arguments changed, without those that are the defaults."""
        arguments = {"by": self.by, "excluded": self.excluded, "q": self.q, "sort": self.sort, **changes}
        defaults = defaults_of(self.sorts)
        return {name: value for name, value in arguments.items() if value != defaults.get(name)}

    @cached_property
    def starts(self) -> list[date]:
        """Return the first day of each period, newest first."""
        return latest_periods(self.today, self.by, SPANS[self.by].periods)

    @cached_property
    def today(self) -> date:
        return clock.local_day(clock.now(), self.site.time_zone)

    @property
    def end(self) -> date:
        """Return the day after the last one; a site whose time zone moved west has later ratings."""
        return self.today + timedelta(days=1)

    def counters_of(self, tally: GroupTally) -> GroupSpan:
        """Return the counters of these days."""
        return GroupSpan(self.site.id, tally, self.excluded, self.starts[-1], self.end)

    def of_ratings(self, start: date | None = None, **filters: Any) -> str:
        """Return the address of the ratings of these filters: of all days, or in the period with this first day."""
        first_day, last_day = start or self.starts[-1], self.last_day_of(start) if start else self.today
        query = {**filters, "since": first_day, "until": last_day}
        if self.excluded == "with":
            query["excluded"] = "with"
        return url_for("console.report_ratings", key=self.site.key, **query)

    def sentiment_addresses(self, **filters: Any) -> dict[str, str]:
        """Return the address of the ratings of each sentiment."""
        return {sentiment: self.of_ratings(sentiment=sentiment, **filters) for sentiment in SENTIMENT_LABELS}

    def last_day_of(self, start: date) -> date:
        """Return the last day of the period with this first day."""
        return {
            "day": start,
            "week": start + timedelta(days=6),
            "month": (start + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        }[self.by]

    def address(self, endpoint: str, **changes: Any) -> str:
        return url_for(f"console.{endpoint}", key=self.site.key, **self.query_with(**changes))


def defaults_of(sorts: Mapping[Sort, str]) -> dict[str, str]:
    return {"by": "week", "excluded": "without", "q": "", "sort": next(iter(sorts))}


def parse_span(site: Site, sorts: Mapping[Sort, str]) -> Span:
    """Return the span of the address.

    Raises: Invalid: the address has an unknown value.
    """
    by, excluded, q, sort = (request.args.get(name, default) for name, default in defaults_of(sorts).items())
    period = next((choice for choice in SPANS if choice == by), None)
    exclusion = next((choice for choice in EXCLUSION_LABELS if choice == excluded), None)
    if period is None:
        raise Invalid(marked("“by” must be one of: %(choices)s.", choices=", ".join(SPANS)), pointer="/by")
    if exclusion is None:
        raise Invalid(
            marked("“excluded” must be one of: %(choices)s.", choices=", ".join(EXCLUSION_LABELS)), pointer="/excluded"
        )
    order = next((choice for choice in sorts if choice == sort), None)
    if order is None:
        raise Invalid(marked("“sort” must be one of: %(choices)s.", choices=", ".join(sorts)), pointer="/sort")
    if len(q) > MAX_WORDS_LENGTH or has_controls(q):
        detail = marked(
            "“q” must have at most %(max_words_length)s characters and no control characters.",
            max_words_length=MAX_WORDS_LENGTH,
        )
        raise Invalid(detail, pointer="/q")
    return Span(site, period, exclusion, q.strip(), order, sorts)


def sort_by_score(rows: Sequence[Listed], counts: Mapping[UUID, GroupCount]) -> list[Listed]:
    """Return rows by their shrunk share, the most satisfied first, and those with too few ratings last."""
    prior = estimate_prior(list(counts.values()))

    def key(row: Listed) -> tuple[int, float]:
        count = counts.get(row.id)
        if prior is None or count is None or count.n < MIN_ANSWERS:
            return 1, 0.0
        return 0, -to_shrunk_share(count, prior).shrunk

    return sorted(rows, key=key)


def draw_trend_of(name: str, shares: Sequence[float | None]) -> Markup:
    """Return the sparkline of an agent or an article; empty without two periods to compare."""
    known_shares = [percent(share) for share in shares if share is not None]
    if len(known_shares) < 2:
        return Markup("")
    texts = {"name": name, "first": known_shares[0], "last": known_shares[-1]}
    return draw_sparkline(shares, (0.0, 1.0), _("Trend of %(name)s: first %(first)s, last %(last)s") % texts)
