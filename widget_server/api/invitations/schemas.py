"""Schemas of direct invitations, which have no conversation."""

from __future__ import annotations

from marshmallow import fields

from ...web.fields import ListOf
from ..conversations.schemas import ConversationIn, InvitationOut
from ..fields import external
from ..surveys.schemas import RevisionOut

MAX_AGENTS = 20


class InviteIn(ConversationIn):
    """The visitor and the subject of an invitation, stored with it."""

    agents = ListOf(
        external(),
        max_length=MAX_AGENTS,
        metadata={"description": "external_ids of the agents who answered; the last one closed it."},
    )

    class Meta:
        exclude = ("browser", "queued_at", "accepted_at", "escalated_at")


class InviteOut(InvitationOut):
    """An invitation with the back end's id."""

    external_id = fields.String()
    vote = fields.UUID(allow_none=True, metadata={"description": "Id of the vote: see GET /votes/{vote_id}."})


class WordsOut(RevisionOut):
    """The revision to ask, with its texts in each of the site's languages."""

    lowest = fields.Integer(metadata={"description": "Score of the first label; each further label is one more."})


class InvitedOut(InviteOut):
    """A new invitation with the token and the texts that a client needs."""

    token = fields.String(metadata={"description": "Allows one person to vote; give it only to this visitor."})
    asks = fields.Nested(WordsOut)
