"""Routes of /agents."""

from __future__ import annotations

from typing import Any

from flask import g

from ...auth import audit_trail
from ...auth.access import requires
from ...conversations.agents import find_agent, find_agents
from ...conversations.models import Agent
from ...conversations.service import put_agent, revoke_tokens
from ...core.errors import NotFound
from ...reports.scores import agent_scores
from ...sites.service import find_site
from ...storage.db import db
from ...web.problems import log_target
from ..base import Resource, check_external_id
from .schemas import AgentIn, AgentOut, AgentsOut
from .scores import ScoresOut, ScoresQuery

blueprint = Resource("agents", "Agents: the people and bots who answer visitors.")


@blueprint.route("/agents")
@requires("api_key", "read")
@blueprint.response(200, AgentsOut)
def list_agents() -> dict[str, Any]:
    """List the site's agents."""
    return {"agents": [agent_out(agent) for agent in find_agents(g.site_id)]}


@blueprint.route("/agents/<external:external_id>", methods=["PUT"])
@requires("api_key", "write")
@blueprint.arguments(AgentIn)
@blueprint.response(200, AgentOut)
def put(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Create or change an agent.

    `visitor` is the agent's id as a visitor of the site, so that agents cannot rate their own work.
    """
    if "visitor" in fields:
        fields["visitor_external_id"] = fields.pop("visitor")
    agent = put_agent(find_site(g.site_id), check_external_id(external_id), **fields)
    db.session.commit()
    return agent_out(agent)


@blueprint.route("/agents/<external:external_id>/revoke", methods=["POST"])
@requires("api_key", "write", scope="agent_tokens")
@blueprint.response(200, AgentOut)
def post_revoke(external_id: str) -> dict[str, Any]:
    """Revoke an agent's tokens.

    All agent tokens created until now become invalid, and open streams end within 5 seconds. Tokens created later are
    valid.
    """
    agent = get_agent(check_external_id(external_id))
    revoke_tokens(agent)
    log_target("agent", agent.id)
    audit_trail.record("agent.revoked", f"agent {agent.external_id}", site_id=g.site_id)
    db.session.commit()
    return agent_out(agent)


@blueprint.route("/agents/<external:external_id>/scores")
@requires("api_key", "read")
@blueprint.arguments(ScoresQuery, location="query")
@blueprint.response(200, ScoresOut)
def get_scores(query: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Return an agent's scores over time.

    The votes that are credited to the agent, by the day of their first press. Excluded votes are left out unless
    `excluded` is `with`.
    """
    agent = get_agent(external_id)
    scores = agent_scores(db.session, g.site_id, agent.id, **query)
    return {"total": scores.total, "periods": [{"start": start, **score.to_json()} for start, score in scores.periods]}


def get_agent(external_id: str) -> Agent:
    """Return the agent with an external id. Raise NotFound if it is unknown."""
    agent = find_agent(g.site_id, external_id)
    if agent is None:
        raise NotFound("Agent not found; check the id.")
    return agent


def agent_out(agent: Agent) -> dict[str, Any]:
    names = ("id", "external_id", "name", "team", "email", "valid_after", "created_at")
    return {**{name: getattr(agent, name) for name in names}, "visitor": agent.visitor_external_id}
