"""How an agent's own ratings go, for the agent's page."""

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
    """The answers that the token's agent is credited with; `?by=day|week|month`. Excluded ones are left out.

    Where ratings are seen days later only, so are these; where none are seen, there are none.
    """
    by = request.args.get("by", "week")
    period = next((known for known in PERIODS if known == by), None)
    if period is None:
        raise Invalid(f"Ask by {', '.join(PERIODS)}.", pointer="/by")
    site = find_site(g.grant.site_id)
    days = site.agents_see_after_days
    # A day is told of once each part that was rated on it is old enough.
    until = clock.local_day(clock.now(), site.time_zone) - timedelta(days=days) if days else None
    found = agent_scores(db.session, site.id, g.grant.agent_id, by=period, until=until)
    shown = found.periods if site.agents_see != "none" else []
    answer = jsonify(by=by, periods=[{"start": start.isoformat(), **score.to_json()} for start, score in shown])
    answer.headers["Cache-Control"] = "no-store"
    return answer
