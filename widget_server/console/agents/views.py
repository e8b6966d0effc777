"""How the answers to each agent go: all agents over some time, and one of them period by period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for

from ...auth.access import requires
from ...conversations.agents import agents_of, count_agents
from ...conversations.models import Agent
from ...core import clock
from ...core.errors import Invalid, NotFound
from ...reports.scores import By, Excluded, Score, agent_scores, latest_periods, scores_of_agents
from ...sites.models import Site
from ...storage.db import db
from ..conversations.views import common, fragment
from ..forms import offset_of
from ..live import position
from ..sites.views import site_of

PAGE = 50
#: How many periods make up a page, and how that is said.
SPANS: dict[By, tuple[int, str]] = {"day": (14, "14 days"), "week": (12, "12 weeks"), "month": (12, "12 months")}
EXCLUSION_LABELS: dict[Excluded, str] = {"without": "Excluded ratings hidden", "with": "Excluded ratings shown"}
USUAL = {"by": "week", "excluded": "without"}


@dataclass(frozen=True)
class Span:
    """Which answers the address asks for."""

    site: Site
    by: By
    excluded: Excluded

    @property
    def query(self) -> dict[str, Any]:
        """What is not as usual."""
        return self.query_with()

    def query_with(self, **changes: Any) -> dict[str, Any]:
        given = {"by": self.by, "excluded": self.excluded, **changes}
        return {name: value for name, value in given.items() if value != USUAL.get(name)}

    @cached_property
    def starts(self) -> list[date]:
        """The first days of its periods, the present one first."""
        return latest_periods(self.today, self.by, SPANS[self.by][0])

    @cached_property
    def today(self) -> date:
        return clock.local_day(clock.now(), self.site.time_zone)

    @property
    def end(self) -> date:
        """The first day that no longer counts: a site that moved west has answers of tomorrow."""
        return self.today + timedelta(days=1)

    def address(self, endpoint: str, **changes: Any) -> str:
        return url_for(f"console.{endpoint}", key=self.site.key, **self.query_with(**changes))


@requires("console", "read")
def agents(key: str) -> Response:
    """All agents by name; it is no ranking."""
    site = site_of(key)
    place, span = position(), span_of(site)
    offset = offset_of()
    listed = agents_of(site.id, offset=offset, limit=PAGE)
    ids = [agent.id for agent in listed]
    scores = scores_of_agents(db.session, site.id, ids, excluded=span.excluded, since=span.starts[-1], until=span.end)
    rows = [(agent, scores[agent.id]) for agent in listed]
    values = {"span": span, "rows": rows, "offset": offset, "total": count_agents(site.id), "size": PAGE}
    return shown("agents", "agent_list", site, place=place, **values)


@requires("console", "read")
def agent(key: str, agent_id: UUID) -> Response:
    """One agent's trend; periods in which nobody answered stand in it, too."""
    site = site_of(key)
    place, span = position(), span_of(site)
    found = db.session.get(Agent, (site.id, agent_id))
    if found is None:
        raise NotFound("There is no such agent.")
    since, until = span.starts[-1], span.end
    scores = agent_scores(db.session, site.id, found.id, by=span.by, excluded=span.excluded, since=since, until=until)
    answered = dict(scores.periods)
    periods = [(start, answered.get(start, Score())) for start in span.starts]
    most = max(score.answered for _, score in periods)
    values = {"span": span, "agent": found, "total": scores.total, "periods": periods, "most": most}
    return shown("agent", "agent_periods", site, place=place, **values)


def shown(page: str, figures: str, site: Site, **values: Any) -> Response:
    """The page, or the part of it that is read again; both are templates."""
    if request.args.get("fragment") == "figures":
        return fragment(f"console/{figures}.html", site, **values)
    choices = {"spans": SPANS, "exclusion_labels": EXCLUSION_LABELS}
    return make_response(render_template(f"console/{page}.html", **common(site), **choices, **values))


def span_of(site: Site) -> Span:
    """As the address asks; a word that nobody knows is refused."""
    by, excluded = (request.args.get(name, usual) for name, usual in USUAL.items())
    found_by = next((known for known in SPANS if known == by), None)
    excluded_votes = next((known for known in EXCLUSION_LABELS if known == excluded), None)
    if found_by is None:
        raise Invalid(f"Show it by {', '.join(SPANS)}.", pointer="/by")
    if excluded_votes is None:
        raise Invalid(f"Excluded answers are {' or '.join(EXCLUSION_LABELS)}.", pointer="/excluded")
    return Span(site, found_by, excluded_votes)
