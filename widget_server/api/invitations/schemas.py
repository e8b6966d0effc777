"""Invitations that the back end makes without a conversation."""

from __future__ import annotations

from marshmallow import fields

from ...web.fields import ListOf
from ..conversations.schemas import ConversationIn, InvitationOut
from ..fields import external
from ..surveys.schemas import RevisionOut

MAX_AGENTS = 20


class InviteIn(ConversationIn):
    """Who is asked, and about what: frozen with the question."""

    agents = ListOf(
        external(), max_length=MAX_AGENTS, metadata={"description": "Who answered; the last one closed it."}
    )

    class Meta:
        exclude = ("browser", "queued_at", "accepted_at", "escalated_at")


class InviteOut(InvitationOut):
    """An invitation under the back end's own id."""

    external_id = fields.String()
    vote = fields.UUID(allow_none=True, metadata={"description": "The answer: see GET /votes/{vote_id}."})


class WordsOut(RevisionOut):
    """What is asked, with its words in each of the site's languages."""

    lowest = fields.Integer(metadata={"description": "The score of the first label; each next one is one more."})


class InvitedOut(InviteOut):
    """With what a client needs to ask and to vote."""

    token = fields.String(metadata={"description": "Who has it votes: hand it to this person alone."})
    asks = fields.Nested(WordsOut)
