"""Show the ratings of all agents over a time span, and those of one agent period by period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal, NamedTuple
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from markupsafe import Markup

from ...auth.access import requires
from ...conversations.agents import count_agents, find_agents, search_agents
from ...conversations.models import Agent
from ...core import clock
from ...core.errors import Invalid, NotFound
from ...core.marked_texts import N_, marked
from ...core.text import has_controls
from ...reports.agent_trends import trends_of_agents
from ...reports.charts.trend import draw_sparkline
from ...reports.scores import By, Excluded, Score, agent_scores, latest_periods, scores_of_agents
from ...reports.statistics.league import GroupCount, rank_groups
from ...sites.models import Site
from ...storage.db import db
from ...web.translations import translate as _
from ..conversations.views import common, fragment
from ..formatting import percent
from ..forms import read_offset
from ..live import position
from ..sites.views import site_of

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
#: The orders of the list. By score, few ratings are drawn towards the score of all, so that chance does not lead.
Sort = Literal["name", "score"]
SORT_LABELS: dict[Sort, str] = {"name": N_("By name"), "score": N_("By score")}
DEFAULTS = {"by": "week", "excluded": "without", "q": "", "sort": "name"}


@dataclass(frozen=True)
class Span:
    """The ratings that the address asks for."""

    site: Site
    by: By
    excluded: Excluded
    #: The words of a search for agents.
    q: str = ""
    sort: Sort = "name"

    @property
    def query(self) -> dict[str, Any]:
        """Return the arguments that differ from the defaults."""
        return self.query_with()

    def query_with(self, **changes: Any) -> dict[str, Any]:
        """Return the query with some arguments changed, without those that are the defaults."""
        arguments = {"by": self.by, "excluded": self.excluded, "q": self.q, "sort": self.sort, **changes}
        return {name: value for name, value in arguments.items() if value != DEFAULTS.get(name)}

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

    def of_ratings(self, agent: Agent, start: date) -> str:
        """Return the address of an agent's ratings in the period with this first day."""
        last_day = {
            "day": start,
            "week": start + timedelta(days=6),
            "month": (start + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        }[self.by]
        query: dict[str, Any] = {"agent": agent.external_id, "since": start, "until": last_day}
        if self.excluded == "with":
            query["excluded"] = "with"
        return url_for("console.report_ratings", key=self.site.key, **query)

    def address(self, endpoint: str, **changes: Any) -> str:
        return url_for(f"console.{endpoint}", key=self.site.key, **self.query_with(**changes))


@requires("console", "read", right="read_ratings")
def agents(key: str) -> Response:
    """Show all agents by name or by score, or those that a search finds."""
    site = site_of(key)
    place, span = position(), parse_span(site)
    offset = read_offset()
    page_agents, total = find_page(span, offset)
    ids = [agent.id for agent in page_agents]
    scores = scores_of_agents(db.session, site.id, ids, excluded=span.excluded, since=span.starts[-1], until=span.end)
    starts = span.starts[::-1]
    trends = trends_of_agents(
        db.session, site.id, ids, by=span.by, excluded=span.excluded, starts=starts, until=span.end
    )
    rows = [(agent, scores[agent.id], draw_trend_of(agent, trends[agent.id])) for agent in page_agents]
    values = {"span": span, "rows": rows, "offset": offset, "total": total, "size": PAGE_SIZE}
    return respond("agents", "agent_list", site, place=place, **values)


def find_page(span: Span, offset: int) -> tuple[Sequence[Agent], int]:
    """Return the agents of a page of the list, and the number of all."""
    site_id = span.site.id
    if span.q or span.sort == "score":
        listed_agents = search_agents(site_id, span.q) if span.q else find_agents(site_id)
        ordered_agents = sort_by_score(span, listed_agents) if span.sort == "score" else listed_agents
        return ordered_agents[offset : offset + PAGE_SIZE], len(ordered_agents)
    return find_agents(site_id, offset=offset, limit=PAGE_SIZE), count_agents(site_id)


def sort_by_score(span: Span, agents: Sequence[Agent]) -> list[Agent]:
    """Return agents by their shrunk share, the most satisfied first, and those with too few ratings last."""
    ids = [agent.id for agent in agents]
    scores = scores_of_agents(
        db.session, span.site.id, ids, excluded=span.excluded, since=span.starts[-1], until=span.end
    )
    counts = [GroupCount(scores[agent.id].positive, scores[agent.id].answered) for agent in agents]
    shares = [estimate.shrunk for estimate in rank_groups(counts)] or [0.0] * len(agents)
    keys = {
        agent.id: (1, 0.0) if scores[agent.id].is_too_few else (0, -share)
        for agent, share in zip(agents, shares, strict=True)
    }
    return sorted(agents, key=lambda agent: keys[agent.id])


def draw_trend_of(agent: Agent, shares: Sequence[float | None]) -> Markup:
    """Return the sparkline of an agent; empty without two periods to compare."""
    known_shares = [percent(share) for share in shares if share is not None]
    if len(known_shares) < 2:
        return Markup("")
    texts = {"name": agent.name, "first": known_shares[0], "last": known_shares[-1]}
    return draw_sparkline(shares, (0.0, 1.0), _("Trend of %(name)s: first %(first)s, last %(last)s") % texts)


@requires("console", "read", right="read_ratings")
def agent(key: str, agent_id: UUID) -> Response:
    """Show one agent's trend, with the periods that have no rating."""
    site = site_of(key)
    place, span = position(), parse_span(site)
    shown_agent = db.session.get(Agent, (site.id, agent_id))
    if shown_agent is None:
        raise NotFound("This agent does not exist.")
    since, until = span.starts[-1], span.end
    scores = agent_scores(
        db.session, site.id, shown_agent.id, by=span.by, excluded=span.excluded, since=since, until=until
    )
    rated_periods = dict(scores.periods)
    periods = [(start, rated_periods.get(start, Score())) for start in span.starts]
    most = max(score.answered for _, score in periods)
    values = {"span": span, "agent": shown_agent, "total": scores.total, "periods": periods, "most": most}
    return respond("agent", "agent_periods", site, place=place, **values)


def respond(page: str, figures: str, site: Site, **values: Any) -> Response:
    """Return the page, or its figures if a live refresh asks for them; both are names of templates."""
    if request.args.get("fragment") == "figures":
        return fragment(f"console/{figures}.html", site, **values)
    choices = {"spans": SPANS, "exclusion_labels": EXCLUSION_LABELS, "sort_labels": SORT_LABELS}
    return make_response(render_template(f"console/{page}.html", **common(site), **choices, **values))


def parse_span(site: Site) -> Span:
    """Return the span of the address.

    Raises: Invalid: the address has an unknown value.
    """
    by, excluded, q, sort = (request.args.get(name, default) for name, default in DEFAULTS.items())
    period = next((choice for choice in SPANS if choice == by), None)
    exclusion = next((choice for choice in EXCLUSION_LABELS if choice == excluded), None)
    if period is None:
        raise Invalid(marked("“by” must be one of: %(choices)s.", choices=", ".join(SPANS)), pointer="/by")
    if exclusion is None:
        raise Invalid(
            marked("“excluded” must be one of: %(choices)s.", choices=", ".join(EXCLUSION_LABELS)), pointer="/excluded"
        )
    order = next((choice for choice in SORT_LABELS if choice == sort), None)
    if order is None:
        raise Invalid(marked("“sort” must be one of: %(choices)s.", choices=", ".join(SORT_LABELS)), pointer="/sort")
    if len(q) > MAX_WORDS_LENGTH or has_controls(q):
        detail = marked(
            "“q” must have at most %(max_words_length)s characters and no control characters.",
            max_words_length=MAX_WORDS_LENGTH,
        )
        raise Invalid(detail, pointer="/q")
    return Span(site, period, exclusion, q.strip(), order)
