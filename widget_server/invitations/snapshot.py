"""The frozen context: what was true when it was decided whether to ask.

Reports read this, never the conversation of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..conversations.models import Agent, Conversation, Segment
from ..conversations.queries import agents_of_segment
from ..sites.models import Site
from ..storage.db import db
from ..visitors.models import Visitor
from .credit import credited

#: The conversation's own fields that are frozen as they stand.
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
#: What erasing a person removes from it.
PERSONAL = ("visitor", "customer_reference", "custom_fields", "page", "title", "note")


def freeze(conversation: Conversation, segment: Segment, visitor: Visitor | None) -> dict[str, Any]:
    """Plain values, ids as text: {"agents", "credited", "credit", "closer", "visitor", and FIELDS}.

    Agents are {"id", "name", "team"} each; `credited` are those whom the site's rule `credit` picked (credit.py).
    """
    agents = agents_of_segment(segment)
    rule = db.session.get_one(Site, conversation.site_id).credit
    frozen: dict[str, Any] = {name: getattr(conversation, name) for name in FIELDS}
    frozen["agents"] = [_agent(agent) for agent in agents]
    frozen["credited"] = [_agent(agent) for agent in credited(rule, segment, agents)]
    frozen["credit"] = rule
    frozen["closer"] = str(segment.closer_agent_id) if segment.closer_agent_id else None
    frozen["visitor"] = visitor.external_id if visitor else None
    return frozen


def freeze_fields(
    fields: Mapping[str, Any], rule: str, agents: Sequence[Agent], visitor: Visitor | None
) -> dict[str, Any]:
    """The same where there is no conversation: what the back end told; the last of its agents is the closer."""
    picked = agents if rule == "all" else agents[-1:]
    frozen = {name: fields.get(name) for name in FIELDS}
    frozen["custom_fields"] = fields.get("custom_fields") or {}
    return frozen | {
        "agents": [_agent(agent) for agent in agents],
        "credited": [_agent(agent) for agent in picked],
        "credit": rule,
        "closer": str(agents[-1].id) if agents else None,
        "visitor": visitor.external_id if visitor else None,
    }


def manual_decision(agent: Agent | None, note: str | None = None) -> dict[str, Any]:
    """What is frozen beside it where an agent decided: {"by", "note"}, who it was and the reason in their own words."""
    return {"by": _agent(agent) if agent else None, "note": note}


def _agent(agent: Agent) -> dict[str, Any]:
    return {"id": str(agent.id), "name": agent.name, "team": agent.team}
