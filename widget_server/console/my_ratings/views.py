"""Show a signed-in person the ratings and the trend of the agent whom they are at a site."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request

from ...auth.access import requires
from ...conversations.agents import find_agent_of_user
from ...conversations.models import Agent
from ...conversations.visibility import visibility_at
from ...core import clock
from ...inbox.own_ratings import load_own_ratings
from ...reports.own_scores import scores_for_agent
from ...reports.scores import Score
from ...sites.models import Site
from ...storage.db import db
from ...web import cursor
from ..conversations.views import common
from ..rated_list import AGENT_SORTS, SPANS, parse_span
from ..sites.views import site_of

#: Conversations with ratings on one page.
PAGE_SIZE = 25


@requires("console", "read", right="read_own_ratings")
def my_ratings(key: str) -> str:
    """Show the trend and the ratings, or why there are none."""
    site = site_of(key)
    agent, visibility = find_own_agent(site), visibility_at(site)
    values: dict[str, Any] = {
        "span": parse_span(site, AGENT_SORTS),
        "spans": SPANS,
        "agent": agent,
        "visibility": visibility,
    }
    if agent is not None and visibility.scope != "none":
        values |= _trend(site, agent) | _ratings(site, agent)
    return render_template("console/my_ratings.html", **common(site), **values)


def find_own_agent(site: Site) -> Agent | None:
    """Return the agent of a site whom the signed-in person is; an owner's link is none."""
    user = g.rights.user
    return find_agent_of_user(site.id, g.rights.agent_ids.get(site.id), user.email) if user else None


def is_agent_of(site: Site) -> bool:
    """Return whether the page belongs in the navigation: the person has the role, or is an agent besides it."""
    return g.rights.role_at(site.id) == "agent" or find_own_agent(site) is not None


def _trend(site: Site, agent: Agent) -> dict[str, Any]:
    span = parse_span(site, AGENT_SORTS)
    scores = scores_for_agent(db.session, site, agent.id, by=span.by, since=span.starts[-1])
    rated_periods = dict(scores.periods)
    periods = [(start, rated_periods.get(start, Score())) for start in span.starts]
    return {"total": scores.total, "periods": periods, "most": max(score.answered for _, score in periods)}


def _ratings(site: Site, agent: Agent) -> dict[str, Any]:
    after = cursor.decode(request.args.get("cursor") or None)
    page = load_own_ratings(db.session, agent, visibility_at(site), now=clock.now(), after=after, limit=PAGE_SIZE)
    return {"ratings": page.ratings, "is_first_page": after is None, "next_cursor": cursor.encode(page.next_place)}
