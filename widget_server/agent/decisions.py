"""What an agent decides from a button of the owner's helpdesk: to ask now, or to close without asking."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, request

from ..auth.access import requires
from ..conversations.models import Agent, Conversation
from ..conversations.visibility import Visibility
from ..core.errors import ContentType
from ..invitations.conversation_state import lock_state
from ..invitations.manual import MAX_NOTE_LENGTH, ask_now, close_quietly
from ..invitations.models import Invitation
from ..invitations.rules import reason_in_words
from ..sites.service import find_site
from ..storage.db import db
from ..web import rate_limits, strict_json
from ..web.fields import Strict, Text
from ..web.schema_loading import load_fields
from .ratings import conversation_to_see, visibility_of

#: So many decisions of one agent in a minute.
PER_MINUTE = 30


class AskIn(Strict):
    """The conversation, by the back end's own id."""

    conversation = Text(max_length=200, min_length=1, required=True)


class CloseIn(AskIn):
    """And why nobody is to be asked, in the agent's own words."""

    note = Text(max_length=MAX_NOTE_LENGTH, min_length=1, line=True)


ASK, CLOSE = AskIn(), CloseIn()


@requires("agent", "write")
def ask() -> Response:
    """The open part ends with it, and its visitor is asked."""
    conversation = conversation_to_decide(fields_of(ASK))
    return decided(ask_now(find_site(g.grant.site_id), lock_state(conversation), agent()))


@requires("agent", "write")
def close() -> Response:
    """The open part ends, and nobody is asked; the reason is kept."""
    fields = fields_of(CLOSE)
    conversation = conversation_to_decide(fields)
    state = lock_state(conversation)
    return decided(close_quietly(find_site(g.grant.site_id), state, agent(), fields.get("note")))


def fields_of(schema: Strict) -> dict[str, Any]:
    rate_limits.hit("manual", f"{g.grant.site_id}/{g.grant.agent_id}", PER_MINUTE)
    if request.mimetype != "application/json":
        raise ContentType("Send JSON, with the header `Content-Type: application/json`.")
    return load_fields(schema, strict_json.parse_json(request.get_data()))


def conversation_to_decide(fields: dict[str, Any]) -> Conversation:
    """Agents who see no rating, or none yet, decide about their own chats all the same."""
    visibility = visibility_of(g.grant)
    return conversation_to_see(
        g.grant, fields["conversation"], Visibility("own", 0) if visibility.whose == "none" else visibility
    )


def agent() -> Agent:
    return db.session.get_one(Agent, (g.grant.site_id, g.grant.agent_id))


def decided(invitation: Invitation) -> Response:
    answer = {
        "asked": invitation.status != "not_asked",
        "status": invitation.status,
        "reason": reason_in_words(invitation.reason, invitation.context),
    }
    db.session.commit()
    return jsonify(answer)
