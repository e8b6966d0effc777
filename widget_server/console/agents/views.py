"""Show the ratings of all agents over a time span, and those of one agent period by period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request

from ...auth.access import requires
from ...conversations.agents import count_agents, find_agents, search_agents
from ...conversations.models import Agent
from ...core.errors import NotFound
from ...ratings.tally_models import AgentTally
from ...reports.group_scores import count_positive, scores_of_groups, trends_of_groups
from ...reports.scores import Score, agent_scores
from ...sites.models import Site
from ...storage.db import db
from ..conversations.views import common, fragment
from ..forms import read_offset
from ..live import position
from ..rated_list import AGENT_SORTS, EXCLUSION_LABELS, PAGE_SIZE, SPANS, Span, draw_trend_of, parse_span, sort_by_score
from ..sites.views import site_of


@requires("console", "read", right="read_ratings")
def agents(key: str) -> Response:
    """Show all agents by name or by score, or those that a search finds."""
    site = site_of(key)
    place, span = position(), parse_span(site, AGENT_SORTS)
    offset = read_offset()
    page_agents, total = find_page(span, offset)
    ids, counters = [agent.id for agent in page_agents], span.counters_of(AgentTally)
    scores = scores_of_groups(db.session, counters, ids)
    trends = trends_of_groups(db.session, counters, ids, by=span.by, starts=span.starts[::-1])
    rows = [(agent, scores[agent.id], draw_trend_of(agent.name, trends[agent.id])) for agent in page_agents]
    values = {"span": span, "rows": rows, "offset": offset, "total": total, "size": PAGE_SIZE}
    return respond("agents", "agent_list", site, place=place, **values)


def find_page(span: Span, offset: int) -> tuple[Sequence[Agent], int]:
    """Return the agents of a page of the list, and the number of all."""
    site_id = span.site.id
    if span.q or span.sort == "score":
        agents = search_agents(site_id, span.q) if span.q else find_agents(site_id)
        if span.sort == "score":
            agents = sort_by_score(agents, count_positive(db.session, span.counters_of(AgentTally)))
        return agents[offset : offset + PAGE_SIZE], len(agents)
    return find_agents(site_id, offset=offset, limit=PAGE_SIZE), count_agents(site_id)


@requires("console", "read", right="read_ratings")
def agent(key: str, agent_id: UUID) -> Response:
    """Show one agent's trend, with the periods that have no rating."""
    site = site_of(key)
    place, span = position(), parse_span(site, AGENT_SORTS)
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
