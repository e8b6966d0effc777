"""Routes of /visitors for export and erasure, and of /agent-tokens for a helpdesk's live ratings."""

from __future__ import annotations

from typing import Any

from flask import current_app, g

from ...accounts import live_tokens
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...conversations.agents import find_agent
from ...conversations.queries import get_conversation
from ...core import clock
from ...core.errors import Invalid, NotFound
from ...privacy import data_requests
from ...privacy.personal_export import export_visitor
from ...ratings.visitor_merge import merge_visitors
from ...sites.service import find_site
from ...storage.db import db, engines
from ...storage.engines import empty_log
from ..base import Resource
from .schemas import AgentTokenIn, AgentTokenOut, ErasedOut, MergedOut, VisitorDataOut, VisitorMergeIn

blueprint = Resource("people", "Export and erasure of visitors, and tokens of agents.")


@blueprint.route("/visitors/<external:external_id>/erase", methods=["POST"])
@requires("api_key", "write", scope="erase")
@blueprint.response(200, ErasedOut)
def post_erase(external_id: str) -> dict[str, Any]:
    """Erase a visitor.

    Votes stay as anonymous counts. The visitor, references, custom fields, pages, message texts, comments and
    screenshots are deleted in one transaction. This cannot be undone.
    """
    data_dir = current_app.config["TILFREDS"].data_dir
    count = data_requests.erase_visitor(find_site(g.site_id), external_id, by=current_actor(), data_dir=data_dir)
    db.session.commit()
    empty_log(engines().write)
    return {"conversations": count}


@blueprint.route("/visitors/<external:external_id>/export")
@requires("api_key", "read")
@blueprint.response(200, VisitorDataOut)
def get_export(external_id: str) -> dict[str, Any]:
    """Export everything that the site holds of a visitor.

    The columns are those of the database, without internal ones. A picture is a WebP file in base64.
    """
    return export_visitor(g.site_id, external_id)


@blueprint.route("/visitors/<external:external_id>/merge", methods=["POST"])
@requires("api_key", "write")
@blueprint.arguments(VisitorMergeIn)
@blueprint.response(200, MergedOut)
def post_merge(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Merge a visitor into another one who is the same person.

    Conversations, invitations and ratings move, and the first visitor is deleted. If both rated the same article, the
    later rating stays, and the earlier one is excluded from the scores.
    """
    by = current_actor(fields.get("by", ""))
    count = merge_visitors(g.site_id, external_id, fields["into"], by=by)
    db.session.commit()
    return {"conversations": count}


@blueprint.route("/agent-tokens", methods=["POST"])
@requires("api_key", "write", scope="agent_tokens")
@blueprint.arguments(AgentTokenIn)
@blueprint.response(201, AgentTokenOut)
def post_agent_token(fields: dict[str, Any]) -> dict[str, Any]:
    """Create a token for live ratings in an agent's page.

    It is valid for 15 minutes; an open stream renews it for up to 12 hours.
    """
    agent = find_agent(g.site_id, fields["agent"])
    if agent is None:
        raise Invalid("Agent not found; create it with PUT /api/v1/agents/{id} first.", pointer="/agent")
    conversation_id = None
    if "conversation" in fields:
        try:
            conversation_id = get_conversation(g.site_id, fields["conversation"]).id
        except NotFound as error:
            raise Invalid(
                "Conversation not found; create it with PUT /api/v1/conversations/{id} first.", pointer="/conversation"
            ) from error
    grant = live_tokens.grant_to_agent(g.site_id, agent.id, conversation_id, clock.now(), api_key_id=g.principal.key_id)
    token = live_tokens.write_token(current_app.config["SECRET_KEYS"], grant)
    live_url = f"{current_app.config['TILFREDS'].live_base_url}/live/events"
    return {"token": token, "expires_at": grant.expires_at, "live_url": live_url}
