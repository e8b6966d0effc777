"""/agents: the people and machines who answer."""

from __future__ import annotations

from typing import Any

from flask import g

from ...auth.access import requires
from ...conversations.agents import agents_of, by_external_id
from ...conversations.models import Agent
from ...conversations.service import put_agent, revoke_tokens
from ...core.errors import NotFound
from ...reports.scores import agent_scores
from ...sites.service import find_site
from ...storage.db import db
from ..base import Resource, check_external_id
from .schemas import AgentIn, AgentOut, AgentsOut
from .scores import ScoresOut, ScoresQuery

blueprint = Resource("agents", "Agents: who answers visitors.")


@blueprint.route("/agents")
@requires("api_key", "read")
@blueprint.response(200, AgentsOut)
def list_agents() -> dict[str, Any]:
    """The site's agents"""
    return {"agents": [agent_out(agent) for agent in agents_of(g.site_id)]}


@blueprint.route("/agents/<external:external_id>", methods=["PUT"])
@requires("api_key", "write")
@blueprint.arguments(AgentIn)
@blueprint.response(200, AgentOut)
def put(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Make or change an agent

    `visitor` is the id that this person has as a visitor of the site: nobody rates their own work.
    """
    if "visitor" in fields:
        fields["visitor_external_id"] = fields.pop("visitor")
    agent = put_agent(find_site(g.site_id), check_external_id(external_id), **fields)
    db.session.commit()
    return agent_out(agent)


@blueprint.route("/agents/<external:external_id>/revoke", methods=["POST"])
@requires("api_key", "write")
@blueprint.response(200, AgentOut)
def post_revoke(external_id: str) -> dict[str, Any]:
    """Revoke an agent's tokens

    Every agent token made until now opens nothing any more, and open streams end within 5 seconds. Tokens made later
    are good.
    """
    agent = by_external_id(g.site_id, check_external_id(external_id))
    if agent is None:
        raise NotFound("There is no such agent.")
    revoke_tokens(agent)
    db.session.commit()
    return agent_out(agent)


@blueprint.route("/agents/<external:external_id>/scores")
@requires("api_key", "read")
@blueprint.arguments(ScoresQuery, location="query")
@blueprint.response(200, ScoresOut)
def get_scores(query: dict[str, Any], external_id: str) -> dict[str, Any]:
    """What the visitors of an agent answered, over time

    The answers that the agent is credited with, by the day of their first press; excluded ones are left out unless
    `excluded` is `with`.
    """
    agent = by_external_id(g.site_id, external_id)
    if agent is None:
        raise NotFound("There is no such agent.")
    found = agent_scores(db.session, g.site_id, agent.id, **query)
    return {"total": found.total, "periods": [{"start": start, **score.to_json()} for start, score in found.periods]}


def agent_out(agent: Agent) -> dict[str, Any]:
    names = ("id", "external_id", "name", "team", "valid_after", "created_at")
    return {**{name: getattr(agent, name) for name in names}, "visitor": agent.visitor_external_id}
