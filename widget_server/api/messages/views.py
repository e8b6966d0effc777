"""/conversations/…/messages, /end, /reopen: a conversation goes on, ends, and goes on again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g

from ...auth.access import requires
from ...conversations.agents import by_external_id as find_agent
from ...conversations.messages import NewMessage, StoredMessage
from ...conversations.models import Agent
from ...conversations.queries import find_conversation
from ...core.errors import Invalid
from ...invitations.conversation_state import ConversationState, lock_state
from ...invitations.manual import ask_now
from ...invitations.models import Invitation
from ...invitations.service import Ending, add_messages, end_segment, reopen
from ...sites.models import Site
from ...sites.service import find_site
from ...storage.db import db
from ...web.schema_loading import load_fields
from ..base import Resource, body
from ..conversations.transcripts import reason_out
from .schemas import AskIn, EndIn, EndOut, MessageIn, MessagesIn, ReopenOut, StoredMessagesOut

blueprint = Resource("messages", "What is said, and where a part of a conversation ends.")
ONE, SEVERAL = MessageIn(), MessagesIn()
BODY = {"content": {"application/json": {"schema": {"oneOf": [MessageIn, MessagesIn]}}}, "required": True}


@blueprint.route("/conversations/<external:external_id>/messages", methods=["POST"])
@requires("api_key", "write")
@blueprint.doc(requestBody=BODY)
@blueprint.response(200, StoredMessagesOut)
def post_messages(external_id: str) -> dict[str, Any]:
    """Add a message, or up to 500

    In any order of arrival: each joins the segment that was open when it was sent. A later message of the visitor or
    an agent opens a new one. Sent again, a message is the one that is stored; with another content it is refused.
    """
    given = body()
    several = isinstance(given, dict) and "messages" in given
    entries = load_fields(SEVERAL, given)["messages"] if several else [load_fields(ONE, given)]
    site, conversation = find_site(g.site_id), find_conversation(g.site_id, external_id)
    try:
        kept = add_messages(site, conversation, with_agents(site, entries))
    except Invalid as error:
        # The place in the list is not part of an address into a body that is one message.
        error.pointer = f"/messages{error.pointer}" if several else str(error.pointer).removeprefix("/0")
        raise
    answer = [message_out(message) for message in kept]
    db.session.commit()
    return {"messages": answer}


@blueprint.route("/conversations/<external:external_id>/end", methods=["POST"])
@requires("api_key", "write")
@blueprint.arguments(EndIn, required=False)
@blueprint.response(200, EndOut)
def post_end(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """End the open segment, and learn whether the visitor is asked

    Ended twice is ended once: the decision of the first time is given again.
    """
    site, conversation = find_site(g.site_id), find_conversation(g.site_id, external_id)
    if "note" in fields and fields["ask"]:
        raise Invalid("A reason is kept where nobody is asked: send `ask` false with it.", pointer="/note")
    closer = agent_of(site, fields["closer"], "/closer") if "closer" in fields else None
    ending = Ending("back_end", "back_end", fields.get("ended_at"), closer, fields["ask"], fields.get("note"))
    state = lock_state(conversation)
    answer = decision_out(state, end_segment(site, state, ending))
    db.session.commit()
    return answer


@blueprint.route("/conversations/<external:external_id>/ask", methods=["POST"])
@requires("api_key", "write")
@blueprint.arguments(AskIn, required=False)
@blueprint.response(200, EndOut)
def post_ask(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Ask now, by an agent's own decision

    Ends the open segment and asks, whatever the rules weigh; after a decision not to ask, the question is its next
    attempt. Asked twice is asked once. Refused where nobody can be asked: no open survey, staff, an erased visitor.
    """
    site, conversation = find_site(g.site_id), find_conversation(g.site_id, external_id)
    agent = agent_of(site, fields["agent"], "/agent") if "agent" in fields else None
    state = lock_state(conversation)
    answer = decision_out(state, ask_now(site, state, agent))
    db.session.commit()
    return answer


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
    """Open a new segment without a message

    An unanswered question stays open until the new segment deserves its own.
    """
    segment = reopen(find_site(g.site_id), find_conversation(g.site_id, external_id))
    db.session.commit()
    return {"segment": segment.number, "opened_at": segment.opened_at}


def with_agents(site: Site, entries: Sequence[dict[str, Any]]) -> list[NewMessage]:
    """The messages with their agents in place of the agents' ids."""
    agents: dict[str, Agent] = {}
    new_messages = []
    for position, entry in enumerate(entries):
        name = entry.pop("agent", None)
        if name is not None and entry["author"] != "agent":
            raise Invalid("Only a message of an agent has an agent.", pointer=f"/{position}/agent")
        if name is not None and name not in agents:
            agents[name] = agent_of(site, name, f"/{position}/agent")
        new_messages.append(NewMessage(**entry, agent=agents[name] if name is not None else None))
    return new_messages


def agent_of(site: Site, external_id: str, pointer: str) -> Agent:
    agent = find_agent(site.id, external_id)
    if agent is None:
        raise Invalid("There is no such agent. Make them with PUT /api/v1/agents/{id} first.", pointer=pointer)
    return agent


def message_out(message: StoredMessage) -> dict[str, Any]:
    return {"external_id": message.external_id, "id": message.id, "segment": message.segment.number}
