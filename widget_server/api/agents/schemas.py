"""Schemas of agents."""

from __future__ import annotations

from marshmallow import fields

from ...accounts.users import MAX_EMAIL_LENGTH
from ...web.fields import Strict, Text
from ..fields import At, Out, external, line


class AgentIn(Strict):
    """The fields of an agent. A missing field stays unchanged; null clears it."""

    name = Text(max_length=200, min_length=1, line=True)
    visitor = external(
        allow_none=True,
        metadata={"description": "The agent's id as a visitor of the site; agents cannot rate their own work."},
    )
    team = line(200)
    email = line(
        MAX_EMAIL_LENGTH,
        metadata={"description": "The user of the console with this address sees the agent's ratings as their own."},
    )


class AgentOut(Out):
    """An agent."""

    id = fields.UUID()
    external_id = fields.String()
    name = fields.String()
    team = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    visitor = fields.String(allow_none=True)
    valid_after = At(metadata={"description": "Agent tokens created before this time are revoked."})
    created_at = At()


class AgentsOut(Out):
    """The site's agents, sorted by name."""

    agents = fields.List(fields.Nested(AgentOut))
