"""Routes of /conversations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, g

from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...conversations.models import Conversation
from ...conversations.queries import find_conversation, find_segments, get_conversation
from ...core import clock
from ...inbox.changed import Changed
from ...inbox.conversation_filter import ConversationFilter
from ...inbox.conversation_list import ConversationPage, find_changed_conversations, find_conversations
from ...inbox.settled import settled_until
from ...inbox.transcript_queries import load_transcript
from ...invitations.queries import find_decisions
from ...privacy import data_requests
from ...privacy.personal_export import export_conversation
from ...ratings.claim_merge import put_conversation
from ...ratings.conversation_merge import merge_conversations
from ...sites.service import find_site
from ...storage.db import db, engines
from ...storage.engines import empty_log
from ...visitors.models import Visitor
from ...visitors.service import remember_visitor
from ...web import cursor
from ..base import Resource, check_external_id
from ..fields import check_filter_ids
from ..visitors.schemas import PersonalDataOut
from .schemas import (
    ConversationFacts,
    ConversationIn,
    ConversationOut,
    ConversationQuery,
    ConversationsOut,
    ConversationsQuery,
    InvitationsOut,
    MergeIn,
)
from .transcripts import facts_out, ledger_out, row_out, transcript_out

blueprint = Resource("conversations", "Conversations: chats, calls and e-mails with visitors.")


@blueprint.route("/conversations")
@requires("api_key", "read")
@blueprint.arguments(ConversationsQuery, location="query")
@blueprint.response(200, ConversationsOut)
def list_conversations(query: dict[str, Any]) -> dict[str, Any]:
    """List conversations, latest first.

    Conversations that only a page reported are included; they have no external_id. With `changed_since` they are sorted
    by their last change, the oldest first; send `changed_until` as the next `changed_since` to get later changes.
    """
    limit, after = query.pop("limit"), cursor.decode(query.pop("cursor", None))
    check_filter_ids(g.site_id, query)
    changed_since = query.pop("changed_since", None)
    conversation_filter = ConversationFilter(**query)
    if changed_since is not None:
        changed = Changed(changed_since, settled_until(db.session()))
        page = find_changed_conversations(
            db.session(),
            g.site_id,
            changed,
            now=clock.now(),
            after=after,
            limit=limit,
            conversation_filter=conversation_filter,
        )
        return {**page_out(page), "changed_until": changed.until}
    page = find_conversations(
        db.session(), g.site_id, now=clock.now(), after=after, limit=limit, conversation_filter=conversation_filter
    )
    return page_out(page)


def page_out(page: ConversationPage) -> dict[str, Any]:
    return {"conversations": [row_out(row) for row in page.rows], "next_cursor": cursor.encode(page.next_place)}


@blueprint.route("/conversations/<external:external_id>", methods=["PUT"])
@requires("api_key", "write")
@blueprint.arguments(ConversationIn)
@blueprint.response(200, ConversationFacts)
def put(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Create or change a conversation.

    `browser` verifies the visitor's browser, `visitor` the person. Only they may rate this conversation. Missing fields
    stay unchanged.
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
    """Return a conversation with its segments, messages and ratings.

    A segment without a rating has the reason. A conversation without an external_id is found by the id in the list.
    """
    conversation = find_by_any_id(g.site_id, external_id)
    conversation_transcript = load_transcript(
        db.session(), g.site_id, conversation.id, now=clock.now(), newest=query["messages"]
    )
    assert conversation_transcript is not None
    return transcript_out(conversation_transcript)


@blueprint.route("/conversations/<external:external_id>/invitations")
@requires("api_key", "read")
@blueprint.response(200, InvitationsOut)
def get_invitations(external_id: str) -> dict[str, Any]:
    """List the invitations of a conversation.

    They include decisions not to ask, with the reason. `context` has the facts at the time of the decision.
    """
    conversation = find_by_any_id(g.site_id, external_id)
    return {"invitations": ledger_out(find_decisions(conversation), find_segments(conversation))}


@blueprint.route("/conversations/<external:external_id>/export")
@requires("api_key", "read")
@blueprint.response(200, PersonalDataOut)
def get_export(external_id: str) -> dict[str, Any]:
    """Export everything that the site holds of a conversation."""
    return export_conversation(get_conversation(g.site_id, external_id))


@blueprint.route("/conversations/<external:external_id>/erase", methods=["POST"])
@requires("api_key", "write", scope="erase")
@blueprint.response(204)
def post_erase(external_id: str) -> None:
    """Erase what a conversation contains.

    Title, references, custom fields, page, message texts, comments and screenshots are deleted, and the link to the
    visitor. Scores stay. This cannot be undone, and the conversation's id is unknown afterwards.
    """
    conversation = get_conversation(g.site_id, external_id)
    data_dir = current_app.config["TILFREDS"].data_dir
    data_requests.erase_conversation(conversation, by=current_actor(), data_dir=data_dir)
    db.session.commit()
    empty_log(engines().write)


@blueprint.route("/conversations/<external:external_id>/merge", methods=["POST"])
@requires("api_key", "write")
@blueprint.arguments(MergeIn)
@blueprint.response(200, ConversationFacts)
def post_merge(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Merge a conversation into another one.

    Its segments, messages, invitations and ratings move, and it is deleted, so a second call finds it no more. Segments
    are numbered by their start, and two open ones become one. A message that both have is kept once. Only the newest
    question stays open. The other conversation keeps its fields, and takes the visitor if it has none. Answers of
    another visitor stay with that visitor.
    """
    source, target = get_conversation(g.site_id, external_id), get_conversation(g.site_id, fields["into"])
    merge_conversations(source, target)
    answer = facts_out(target, visitor_of(target))
    db.session.commit()
    return answer


def find_by_any_id(site_id: UUID, text: str) -> Conversation:
    """Return a conversation by its external id, or by Tilfreds' id if it has no external id.

    Raises:
        NotFound: no conversation has this id.
    """
    conversation = find_conversation(site_id, text)
    if conversation is None:
        conversation = find_by_internal_id(site_id, text)
    return conversation or get_conversation(site_id, text)


def find_by_internal_id(site_id: UUID, text: str) -> Conversation | None:
    """Return the conversation without an external id that has this id, or None."""
    try:
        conversation = db.session.get(Conversation, (site_id, UUID(text)))
    except ValueError:
        return None
    return conversation if conversation is not None and conversation.external_id is None else None


def visitor_of(conversation: Conversation) -> str | None:
    """Return the external id of the conversation's visitor, or None."""
    if conversation.visitor_id is None:
        return None
    return db.session.get_one(Visitor, (conversation.site_id, conversation.visitor_id)).external_id
