"""Schemas of erased visitors and agent tokens."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from ...web.fields import Strict, Text
from ..fields import At, Out, external


class ErasedOut(Out):
    """The number of erased conversations."""

    conversations = fields.Integer()


def _rows(description: str) -> fields.List[Any]:
    return fields.List(fields.Dict(keys=fields.String()), metadata={"description": description})


class PersonalDataOut(Out):
    """Conversations, invitations and ratings as the database has them."""

    conversations = _rows("Each with its `segments` and `messages`.")
    invitations = _rows("Decisions whether to ask, with the frozen `context`.")
    ratings = _rows("Each with its `history` and `screenshot`.")


class VisitorDataOut(PersonalDataOut):
    """Everything that a site holds of a visitor."""

    visitor = fields.Dict(keys=fields.String())


class VisitorMergeIn(Strict):
    """The visitor who takes over everything."""

    into = external(required=True, metadata={"description": "The other visitor's id."})
    by = Text(max_length=200, min_length=1, line=True, metadata={"description": "Default: the key's name."})


class MergedOut(Out):
    """The number of conversations that moved."""

    conversations = fields.Integer()


class AgentTokenIn(Strict):
    """The agent and the conversation of a token."""

    agent = external(required=True, metadata={"description": "external_id of the agent."})
    conversation = external(metadata={"description": "external_id; default: all conversations that the agent may see."})


class AgentTokenOut(Out):
    """A token for `Authorization: Bearer` of the event stream."""

    token = fields.String()
    expires_at = At()
    live_url = fields.String()
