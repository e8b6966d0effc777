"""Show the ratings of all agents over a time span, and those of one agent period by period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for

from ...auth.access import requires
from ...conversations.agents import count_agents, find_agents, search_agents
from ...conversations.models import Agent
from ...core import clock
from ...core.errors import Invalid, NotFound
from ...core.marked_texts import N_
from ...core.text import has_controls
from ...reports.scores import By, Excluded, Score, agent_scores, latest_periods, scores_of_agents
from ...sites.models import Site
from ...storage.db import db
from ..conversations.views import common, fragment
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
DEFAULTS = {"by": "week", "excluded": "without", "q": ""}


@dataclass(frozen=True)
class Span:
    """The ratings that the address asks for."""

    site: Site
    by: By
    excluded: Excluded
    #: The words of a search for agents.
    q: str = ""

    @property
    def query(self) -> dict[str, Any]:
        """Return the arguments that differ from the defaults."""
        return self.query_with()

    def query_with(self, **changes: Any) -> dict[str, Any]:
        """Return the query with some arguments changed, without those that are the defaults."""
        arguments = {"by": self.by, "excluded": self.excluded, "q": self.q, **changes}
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

    def address(self, endpoint: str, **changes: Any) -> str:
        return url_for(f"console.{endpoint}", key=self.site.key, **self.query_with(**changes))


@requires("console", "read", right="read_ratings")
def agents(key: str) -> Response:
    """Show all agents by name, because the page is not a ranking, or those that a search finds."""
    site = site_of(key)
    place, span = position(), parse_span(site)
    offset = read_offset()
    if span.q:
        found_agents = search_agents(site.id, span.q)
        page_agents, total = found_agents[offset : offset + PAGE_SIZE], len(found_agents)
    else:
        page_agents, total = list(find_agents(site.id, offset=offset, limit=PAGE_SIZE)), count_agents(site.id)
    ids = [agent.id for agent in page_agents]
    scores = scores_of_agents(db.session, site.id, ids, excluded=span.excluded, since=span.starts[-1], until=span.end)
    rows = [(agent, scores[agent.id]) for agent in page_agents]
    values = {"span": span, "rows": rows, "offset": offset, "total": total, "size": PAGE_SIZE}
    return respond("agents", "agent_list", site, place=place, **values)


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
    choices = {"spans": SPANS, "exclusion_labels": EXCLUSION_LABELS}
    return make_response(render_template(f"console/{page}.html", **common(site), **choices, **values))


def parse_span(site: Site) -> Span:
    """Return the span of the address.

    Raises: Invalid: the address has an unknown value.
    """
    by, excluded, q = (request.args.get(name, default) for name, default in DEFAULTS.items())
    period = next((choice for choice in SPANS if choice == by), None)
    exclusion = next((choice for choice in EXCLUSION_LABELS if choice == excluded), None)
    if period is None:
        raise Invalid(f"“by” must be one of: {', '.join(SPANS)}.", pointer="/by")
    if exclusion is None:
        raise Invalid(f"“excluded” must be one of: {', '.join(EXCLUSION_LABELS)}.", pointer="/excluded")
    if len(q) > MAX_WORDS_LENGTH or has_controls(q):
        detail = f"“q” must have at most {MAX_WORDS_LENGTH} characters and no control characters."
        raise Invalid(detail, pointer="/q")
    return Span(site, period, exclusion, q.strip())
