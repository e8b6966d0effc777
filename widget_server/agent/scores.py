"""Return an agent's scores by period to the agent's page."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, g, jsonify, request

from ..auth.access import requires
from ..core import clock
from ..core.errors import Invalid
from ..reports.scores import PERIODS, agent_scores
from ..sites.service import find_site
from ..storage.db import db


@requires("agent", "read")
def scores() -> Response:
    """Return the scores of the token's agent, `?by=day|week|month`, without excluded ratings.

    The site's visibility applies: no scores if agents see no ratings, and none of the last days if they see them later.
    """
    by = request.args.get("by", "week")
    period = next((choice for choice in PERIODS if choice == by), None)
    if period is None:
        raise Invalid(f"`by` must be one of: {', '.join(PERIODS)}.", pointer="/by")
    site = find_site(g.grant.site_id)
    days = site.agents_see_after_days
    # A day is included once every segment that was rated on it is old enough.
    until = clock.local_day(clock.now(), site.time_zone) - timedelta(days=days) if days else None
    agent_trend = agent_scores(db.session, site.id, g.grant.agent_id, by=period, until=until)
    visible_periods = agent_trend.periods if site.agents_see != "none" else []
    response = jsonify(
        by=by, periods=[{"start": start.isoformat(), **score.to_json()} for start, score in visible_periods]
    )
    response.headers["Cache-Control"] = "no-store"
    return response
