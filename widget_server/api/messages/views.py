"""Routes below /conversations: /messages, /end, /ask and /reopen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g

from ...auth.access import requires
from ...conversations.agents import find_agent
from ...conversations.messages import NewMessage, StoredMessage
from ...conversations.models import Agent, Conversation, Message, Segment
from ...conversations.queries import get_conversation
from ...core.errors import Invalid
from ...inbox.transcript_queries import load_message_page
from ...invitations.conversation_state import ConversationState, lock_state
from ...invitations.manual import ask_now
from ...invitations.message_edits import edit_message, remove_message
from ...invitations.models import Invitation
from ...invitations.service import Ending, add_messages, end_segment, reopen_conversation
from ...sites.models import Site
from ...sites.service import find_site
from ...storage.db import db
from ...web import cursor
from ...web.schema_loading import load_fields
from ..base import Resource, read_json_body
from ..conversations.transcripts import reason_out
from .schemas import (
    AskIn,
    ChangedMessage,
    EndIn,
    EndOut,
    MessageEdit,
    MessageIn,
    MessagesIn,
    MessagesOut,
    MessagesQuery,
    ReopenOut,
    StoredMessagesOut,
)

blueprint = Resource("messages", "Messages, and the segments of a conversation.")
ONE, SEVERAL = MessageIn(), MessagesIn()
BODY = {"content": {"application/json": {"schema": {"oneOf": [MessageIn, MessagesIn]}}}, "required": True}


@blueprint.route("/conversations/<external:external_id>/messages", methods=["POST"])
@requires("api_key", "write")
@blueprint.doc(requestBody=BODY)
@blueprint.response(200, StoredMessagesOut)
def post_messages(external_id: str) -> dict[str, Any]:
    """Add one message, or up to 500.

    They may arrive in any order: each belongs to the segment that was open when it was sent. A later message of the
    visitor or the agent opens a new segment. A message that is sent again takes the newest text, which marks it as
    edited, and its agent, if it names one; a removed message stays removed. Another author is rejected.
    """
    request_body = read_json_body()
    is_list = isinstance(request_body, dict) and "messages" in request_body
    entries = load_fields(SEVERAL, request_body)["messages"] if is_list else [load_fields(ONE, request_body)]
    site, conversation = find_site(g.site_id), get_conversation(g.site_id, external_id)
    try:
        messages = add_messages(site, conversation, to_new_messages(site, entries))
    except Invalid as error:
        # A body with one message has no list, so its pointer must not contain a position.
        error.pointer = f"/messages{error.pointer}" if is_list else str(error.pointer).removeprefix("/0")
        raise
    result = [message_out(message) for message in messages]
    db.session.commit()
    return {"messages": result}


@blueprint.route("/conversations/<external:external_id>/messages")
@requires("api_key", "read")
@blueprint.arguments(MessagesQuery, location="query")
@blueprint.response(200, MessagesOut)
def list_messages(query: dict[str, Any], external_id: str) -> dict[str, Any]:
    """List the messages of a conversation, newest first.

    They are sorted by their time. Messages that arrive meanwhile are not on later pages.
    """
    limit, after = query["limit"], cursor.decode(query.get("cursor"))
    conversation = get_conversation(g.site_id, external_id)
    rows = load_message_page(db.session(), g.site_id, conversation.id, after=after, limit=limit + 1)
    last_line = rows[limit - 1][1] if len(rows) > limit else None
    return {
        "messages": [{**vars(line), "segment": number} for number, line in rows[:limit]],
        "next_cursor": cursor.encode((last_line.sent_at, last_line.id) if last_line else None),
    }


@blueprint.route("/conversations/<external:external_id>/messages/<external:message_id>", methods=["PATCH"])
@requires("api_key", "write")
@blueprint.arguments(MessageEdit)
@blueprint.response(200, ChangedMessage)
def patch_message(fields: dict[str, Any], external_id: str, message_id: str) -> dict[str, Any]:
    """Edit the text of a message, or correct its agent.

    The agent's credit follows until the first vote on the segment.
    """
    site, conversation = find_site(g.site_id), get_conversation(g.site_id, external_id)
    if "agent" in fields:
        agent_id = fields.pop("agent")
        fields["agent_id"] = None if agent_id is None else agent_of(site, agent_id, "/agent").id
    result = changed_message_out(conversation, edit_message(conversation, message_id, fields))
    db.session.commit()
    return result


@blueprint.route("/conversations/<external:external_id>/messages/<external:message_id>", methods=["DELETE"])
@requires("api_key", "write")
@blueprint.response(200, ChangedMessage)
def delete_message(external_id: str, message_id: str) -> dict[str, Any]:
    """Delete the text and the agent of a message.

    The transcript shows that a message was removed. A rating below it stays there, and one without a vote moves to the
    message before. Sending the message again does not restore it.
    """
    conversation = get_conversation(g.site_id, external_id)
    result = changed_message_out(conversation, remove_message(conversation, message_id))
    db.session.commit()
    return result


@blueprint.route("/conversations/<external:external_id>/end", methods=["POST"])
@requires("api_key", "write")
@blueprint.arguments(EndIn, required=False)
@blueprint.response(200, EndOut)
def post_end(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """End the open segment and decide whether to ask the visitor.

    Ending it again returns the first decision. If the visitor was not asked because a message was missing that has
    arrived since, it decides again.
    """
    site, conversation = find_site(g.site_id), get_conversation(g.site_id, external_id)
    if "note" in fields and fields["ask"]:
        raise Invalid("A note requires `ask` to be false; set it, or remove the note.", pointer="/note")
    closer = agent_of(site, fields["closer"], "/closer") if "closer" in fields else None
    ending = Ending("back_end", "back_end", fields.get("ended_at"), closer, fields["ask"], fields.get("note"))
    state = lock_state(conversation)
    result = decision_out(state, end_segment(site, state, ending))
    db.session.commit()
    return result


@blueprint.route("/conversations/<external:external_id>/ask", methods=["POST"])
@requires("api_key", "write")
@blueprint.arguments(AskIn, required=False)
@blueprint.response(200, EndOut)
def post_ask(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Ask now, by an agent's decision.

    Ends the open segment and asks, whatever the optional rules decide; after a decision not to ask, this is the next
    attempt. Asking again has no effect. Rejected if there is no open survey, or the visitor is staff or was erased.
    """
    site, conversation = find_site(g.site_id), get_conversation(g.site_id, external_id)
    agent = agent_of(site, fields["agent"], "/agent") if "agent" in fields else None
    state = lock_state(conversation)
    result = decision_out(state, ask_now(site, state, agent))
    db.session.commit()
    return result


def decision_out(state: ConversationState, invitation: Invitation) -> dict[str, Any]:
    segment = state.segment_of(invitation)
    return {
        **reason_out(invitation),
        "segment": segment.number,
        "ended_at": segment.ended_at,
        "asked": invitation.status != "not_asked",
        "status": invitation.status,
    }


@blueprint.route("/conversations/<external:external_id>/reopen", methods=["POST"])
@requires("api_key", "write")
@blueprint.response(200, ReopenOut)
def post_reopen(external_id: str) -> dict[str, Any]:
    """Open a new segment without a message.

    An unanswered invitation stays open until the new segment qualifies for one.
    """
    segment = reopen_conversation(find_site(g.site_id), get_conversation(g.site_id, external_id))
    db.session.commit()
    return {"segment": segment.number, "opened_at": segment.opened_at}


def to_new_messages(site: Site, entries: Sequence[dict[str, Any]]) -> list[NewMessage]:
    """Return the messages with their agents instead of the agents' ids.

    Raises:
        Invalid: an agent is unknown, or is set on a message of another author.
    """
    agents: dict[str, Agent] = {}
    new_messages = []
    for position, entry in enumerate(entries):
        agent_id = entry.pop("agent", None)
        if agent_id is not None and entry["author"] != "agent":
            raise Invalid(
                "Agent is allowed only if the author is `agent`; change the author or remove it.",
                pointer=f"/{position}/agent",
            )
        if agent_id is not None and agent_id not in agents:
            agents[agent_id] = agent_of(site, agent_id, f"/{position}/agent")
        new_messages.append(NewMessage(**entry, agent=agents[agent_id] if agent_id is not None else None))
    return new_messages


def agent_of(site: Site, external_id: str, pointer: str) -> Agent:
    """Return the agent with an external id. Raise Invalid with the pointer if it is unknown."""
    agent = find_agent(site.id, external_id)
    if agent is None:
        raise Invalid("Agent not found; create it with PUT /api/v1/agents/{id} first.", pointer=pointer)
    return agent


def changed_message_out(conversation: Conversation, message: Message) -> dict[str, Any]:
    segment = db.session.get_one(Segment, (conversation.site_id, message.segment_id))
    names = ("external_id", "id", "edited_at", "removed_at")
    return {**{name: getattr(message, name) for name in names}, "segment": segment.number}


def message_out(message: StoredMessage) -> dict[str, Any]:
    return {"external_id": message.external_id, "id": message.id, "segment": message.segment.number}
