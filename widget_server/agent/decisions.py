"""Survey actions of a helpdesk's buttons: ask now, or close without asking."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, request

from ..auth.access import requires
from ..conversations.models import Agent, Conversation
from ..conversations.visibility import Visibility
from ..core.errors import ContentType
from ..invitations.conversation_state import lock_state
from ..invitations.manual import MAX_NOTE_LENGTH, ask_now, close_without_asking
from ..invitations.models import Invitation
from ..invitations.rules import to_reason_text
from ..sites.service import find_site
from ..storage.db import db
from ..web import rate_limits, strict_json
from ..web.fields import Strict, Text
from ..web.schema_loading import load_fields
from ..web.translations import translate as _
from .ratings import find_visible_conversation, visibility_of

#: Survey actions of one agent.
MAX_ACTIONS_PER_MINUTE = 30


class AskIn(Strict):
    """A conversation, by its id in the back end."""

    conversation = Text(max_length=200, min_length=1, required=True)


class CloseIn(AskIn):
    """A conversation, and the agent's reason not to ask."""

    note = Text(max_length=MAX_NOTE_LENGTH, min_length=1, line=True)


ASK, CLOSE = AskIn(), CloseIn()


@requires("agent", "write")
def ask() -> Response:
    """End the open segment, and ask its visitor."""
    conversation = find_own_conversation(parse_fields(ASK))
    return commit_and_respond(ask_now(find_site(g.grant.site_id), lock_state(conversation), current_agent()))


@requires("agent", "write")
def close() -> Response:
    """End the open segment without asking, and store the agent's reason."""
    fields = parse_fields(CLOSE)
    state, site = lock_state(find_own_conversation(fields)), find_site(g.grant.site_id)
    return commit_and_respond(close_without_asking(site, state, current_agent(), fields.get("note")))


def parse_fields(schema: Strict) -> dict[str, Any]:
    """Return the fields of the request's body, and count the request against the agent's limit.

    Raises: ContentType: the body is not JSON. Invalid: a field is wrong. TooMany: the limit is reached.
    """
    rate_limits.hit("manual", f"{g.grant.site_id}/{g.grant.agent_id}", MAX_ACTIONS_PER_MINUTE)
    if request.mimetype != "application/json":
        raise ContentType("Send JSON with the header `Content-Type: application/json`.")
    return load_fields(schema, strict_json.parse_json(request.get_data()))


def find_own_conversation(fields: dict[str, Any]) -> Conversation:
    """Return the conversation; agents who see no ratings, or only later, may act on their own chats."""
    visibility = visibility_of(g.grant)
    return find_visible_conversation(
        g.grant, fields["conversation"], Visibility("own", 0) if visibility.scope == "none" else visibility
    )


def current_agent() -> Agent:
    """Return the agent of the request's token."""
    return db.session.get_one(Agent, (g.grant.site_id, g.grant.agent_id))


def commit_and_respond(invitation: Invitation) -> Response:
    """Commit, and return the result of the action."""
    body = {
        "asked": invitation.status != "not_asked",
        "status": invitation.status,
        "reason": to_reason_text(invitation.reason, invitation.context, _),
    }
    db.session.commit()
    return jsonify(body)
