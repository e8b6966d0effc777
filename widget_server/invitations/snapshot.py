"""The frozen context of a decision: the conversation as it was then.

Reports read it, never the current conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..conversations.models import Agent, Conversation, Segment
from ..conversations.queries import find_agents_of_segment
from ..sites.models import Site
from ..storage.db import db
from ..visitors.models import Visitor
from .credit import choose_credited_agents

#: The fields of the conversation that are frozen unchanged.
FIELDS = (
    "title",
    "customer_reference",
    "case_type",
    "product_area",
    "touchpoint",
    "channel",
    "team",
    "language",
    "page",
    "custom_fields",
)
#: The values that the erasure of a visitor removes.
PERSONAL = ("visitor", "customer_reference", "custom_fields", "page", "title", "note")


def freeze_context(conversation: Conversation, segment: Segment, visitor: Visitor | None) -> dict[str, Any]:
    """Return plain values with ids as text: {"agents", "credited", "credit", "closer", "visitor", and FIELDS}.

    Agents are {"id", "external_id", "name", "team"} each; `credited` are those whom the site's rule `credit` picked
    (credit.py).
    """
    agents = find_agents_of_segment(segment)
    rule = db.session.get_one(Site, conversation.site_id).credit
    frozen: dict[str, Any] = {name: getattr(conversation, name) for name in FIELDS}
    frozen["agents"] = [_agent(agent) for agent in agents]
    frozen["credited"] = [_agent(agent) for agent in choose_credited_agents(rule, segment, agents)]
    frozen["credit"] = rule
    frozen["closer"] = str(segment.closer_agent_id) if segment.closer_agent_id else None
    frozen["visitor"] = visitor.external_id if visitor else None
    return frozen


def complete_agents(context: Mapping[str, Any], segment: Segment) -> dict[str, Any]:
    """Return a frozen context with the agents whom the segment has now, credited by the frozen rule.

    Agents who were frozen before keep their names and teams.
    """
    frozen_agents = {agent["id"]: agent for agent in context["agents"]}
    agents = find_agents_of_segment(segment)
    entries = {agent.id: frozen_agents.get(str(agent.id)) or _agent(agent) for agent in agents}
    rule = context.get("credit", "all")
    return {
        **context,
        "agents": list(entries.values()),
        "credited": [entries[agent.id] for agent in choose_credited_agents(rule, segment, agents)],
        "closer": str(segment.closer_agent_id) if segment.closer_agent_id else None,
    }


def freeze_fields(
    fields: Mapping[str, Any], rule: str, agents: Sequence[Agent], visitor: Visitor | None
) -> dict[str, Any]:
    """Return the context of a direct invitation, from the back end's fields. The last agent is the closer."""
    credited = agents if rule == "all" else agents[-1:]
    frozen = {name: fields.get(name) for name in FIELDS}
    frozen["custom_fields"] = fields.get("custom_fields") or {}
    return frozen | {
        "agents": [_agent(agent) for agent in agents],
        "credited": [_agent(agent) for agent in credited],
        "credit": rule,
        "closer": str(agents[-1].id) if agents else None,
        "visitor": visitor.external_id if visitor else None,
    }


def freeze_decision(agent: Agent | None, note: str | None = None) -> dict[str, Any]:
    """Return what is frozen with a manual decision: {"by": the agent, "note": the agent's reason}."""
    return {"by": _agent(agent) if agent else None, "note": note}


def _agent(agent: Agent) -> dict[str, Any]:
    return {"id": str(agent.id), "external_id": agent.external_id, "name": agent.name, "team": agent.team}
