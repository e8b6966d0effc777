"""/conversations: what the back end knows of a chat, and everything that was said, asked and answered in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g

from ...auth.access import requires
from ...conversations.models import Conversation
from ...conversations.queries import by_external_id, find_conversation, segments_of
from ...core import clock
from ...inbox.conversation_filter import ConversationFilter
from ...inbox.conversation_list import conversations
from ...inbox.transcript_queries import transcript
from ...invitations.queries import ledger_of_conversation
from ...ratings.claim_merge import put_conversation
from ...sites.service import find_site
from ...storage.db import db
from ...visitors.models import Visitor
from ...visitors.service import remember_visitor
from ...web import cursor
from ..base import Resource, check_external_id
from .schemas import (
    ConversationFacts,
    ConversationIn,
    ConversationOut,
    ConversationQuery,
    ConversationsOut,
    ConversationsQuery,
    InvitationsOut,
)
from .transcripts import facts_out, ledger_out, row_out, transcript_out

blueprint = Resource("conversations", "Conversations: chats, calls and mails, as the back end tells of them.")


@blueprint.route("/conversations")
@requires("api_key", "read")
@blueprint.arguments(ConversationsQuery, location="query")
@blueprint.response(200, ConversationsOut)
def list_conversations(query: dict[str, Any]) -> dict[str, Any]:
    """The latest conversations first

    Those that only a page claimed are among them, without an external_id.
    """
    limit, after = query.pop("limit"), cursor.decode(query.pop("cursor", None))
    conversation_filter = ConversationFilter(**query)
    page = conversations(
        db.session(), g.site_id, now=clock.now(), after=after, limit=limit, conversation_filter=conversation_filter
    )
    return {"conversations": [row_out(row) for row in page.rows], "next_cursor": cursor.encode(page.next_place)}


@blueprint.route("/conversations/<external:external_id>", methods=["PUT"])
@requires("api_key", "write")
@blueprint.arguments(ConversationIn)
@blueprint.response(200, ConversationFacts)
def put(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Make a conversation, or tell more about it

    `browser` proves the visitor's browser, `visitor` the person: each of them may then rate this conversation, and
    nobody else. What is left out stays as it is.
    """
    site = find_site(g.site_id)
    name, browser = fields.pop("visitor", None), fields.pop("browser", None)
    visitor = remember_visitor(site.id, name) if name is not None else None
    conversation = put_conversation(site, check_external_id(external_id), fields, visitor=visitor, browser_hash=browser)
    answer = facts_out(conversation, visitor_of(conversation))
    db.session.commit()
    return answer


@blueprint.route("/conversations/<external:external_id>")
@requires("api_key", "read")
@blueprint.arguments(ConversationQuery, location="query")
@blueprint.response(200, ConversationOut)
def get(query: dict[str, Any], external_id: str) -> dict[str, Any]:
    """A conversation: segments, messages, ratings, or why there is none

    A conversation without an external_id is read by the id that the list gives.
    """
    conversation = readable(g.site_id, external_id)
    found = transcript(db.session(), g.site_id, conversation.id, now=clock.now(), newest=query["messages"])
    assert found is not None
    return transcript_out(found)


@blueprint.route("/conversations/<external:external_id>/invitations")
@requires("api_key", "read")
@blueprint.response(200, InvitationsOut)
def get_invitations(external_id: str) -> dict[str, Any]:
    """The ledger: who was asked, what became of it, and why not

    `context` is what was true when it was decided, whatever changed since.
    """
    conversation = readable(g.site_id, external_id)
    return {"invitations": ledger_out(ledger_of_conversation(conversation), segments_of(conversation))}


def readable(site_id: UUID, external_id: str) -> Conversation:
    """By the owner's id, or by ours when the owner never gave one."""
    found = by_external_id(site_id, external_id)
    if found is None:
        found = by_own_id(site_id, external_id)
    return found or find_conversation(site_id, external_id)


def by_own_id(site_id: UUID, text: str) -> Conversation | None:
    try:
        found = db.session.get(Conversation, (site_id, UUID(text)))
    except ValueError:
        return None
    return found if found is not None and found.external_id is None else None


def visitor_of(conversation: Conversation) -> str | None:
    if conversation.visitor_id is None:
        return None
    return db.session.get_one(Visitor, (conversation.site_id, conversation.visitor_id)).external_id
