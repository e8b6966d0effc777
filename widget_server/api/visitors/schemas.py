"""What is said of people: erased visitors, and the tokens of agents."""

from __future__ import annotations

from marshmallow import fields

from ...web.fields import Strict
from ..fields import At, Out, external


class ErasedOut(Out):
    """How much was cleared."""

    conversations = fields.Integer()


class AgentTokenIn(Strict):
    """Whose token, and for what."""

    agent = external(required=True, metadata={"description": "The agent's external_id."})
    conversation = external(metadata={"description": "Left out: all conversations that the agent may see."})


class AgentTokenOut(Out):
    """A token for `Authorization: Bearer` of the event stream."""

    token = fields.String()
    expires_at = At()
    live_url = fields.String()
