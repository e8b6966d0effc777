"""An agent as the API reads and writes them."""

from __future__ import annotations

from marshmallow import fields

from ...web.fields import Strict, Text
from ..fields import At, Out, external, line


class AgentIn(Strict):
    """Who answers visitors. What is left out stays; null clears it."""

    name = Text(max_length=200, min_length=1, line=True)
    visitor = external(
        allow_none=True, metadata={"description": "The id this person has as a visitor of the site: staff never vote."}
    )
    team = line(200)


class AgentOut(Out):
    """An agent."""

    id = fields.UUID()
    external_id = fields.String()
    name = fields.String()
    team = fields.String(allow_none=True)
    visitor = fields.String(allow_none=True)
    valid_after = At(metadata={"description": "Agent tokens made before this moment are revoked."})
    created_at = At()


class AgentsOut(Out):
    """The site's agents by name."""

    agents = fields.List(fields.Nested(AgentOut))
