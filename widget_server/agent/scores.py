"""Return an agent's scores by period to the agent's page."""

from __future__ import annotations

from flask import Response, g, jsonify, request

from ..auth.access import requires
from ..core.errors import Invalid
from ..reports.own_scores import scores_for_agent
from ..reports.scores import PERIODS
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
    periods = scores_for_agent(db.session, site, g.grant.agent_id, by=period).periods
    response = jsonify(by=by, periods=[{"start": start.isoformat(), **score.to_json()} for start, score in periods])
    response.headers["Cache-Control"] = "no-store"
    return response
