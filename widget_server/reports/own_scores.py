"""The scores that a site shows to one of its agents, in the console and to an agent token alike."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from ..core import clock
from ..sites.models import Site
from ..storage.prepared import AnySession
from .scores import By, Score, Scores, agent_scores


def scores_for_agent(session: AnySession, site: Site, agent_id: UUID, *, by: By, since: date | None = None) -> Scores:
    """Return an agent's own scores, without excluded ratings.

    There are none if agents see no ratings, and none of the last days if they see them later.
    """
    if site.agents_see == "none":
        return Scores(Score(), [])
    days = site.agents_see_after_days
    # A day is included once every segment that was rated on it is old enough.
    until = clock.local_day(clock.now(), site.time_zone) - timedelta(days=days) if days else None
    return agent_scores(session, site.id, agent_id, by=by, since=since, until=until)
