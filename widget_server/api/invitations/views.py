"""Routes of /invitations."""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from sqlalchemy import select

from ...auth.access import requires
from ...invitations import direct
from ...invitations.models import Invitation
from ...ratings.models import Vote
from ...sites.models import Site
from ...sites.service import find_site
from ...sites.signatures import invitation_token, site_keys
from ...storage.db import db
from ...surveys.default_texts import words_for
from ...surveys.language_tags import nearest_texts
from ...surveys.models import SurveyRevision
from ...surveys.scales import SCALES
from ...visitors.service import remember_visitor
from ..base import Resource, check_external_id
from ..conversations.transcripts import INVITATION_COLUMNS, reason_out
from ..messages.views import agent_of
from ..surveys.views import revision_out
from .schemas import InvitedOut, InviteIn, InviteOut

blueprint = Resource("invitations", "Direct invitations, without a conversation: for apps and custom clients.")


@blueprint.route("/invitations/<external:external_id>", methods=["PUT"])
@requires("api_key", "write")
@blueprint.arguments(InviteIn)
@blueprint.response(200, InvitedOut)
def put(fields: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Invite a visitor once.

    Asks with the open survey of the placement `chat_end`. The same id again returns the existing invitation. Vote with
    `token` at `POST /w/SITE_KEY/votes`.
    """
    site = find_site(g.site_id)
    visitor = remember_visitor(site.id, name) if (name := fields.pop("visitor", None)) else None
    agent_ids = dict.fromkeys(fields.pop("agents", []))
    agents = [agent_of(site, agent_id, f"/agents/{position}") for position, agent_id in enumerate(agent_ids)]
    invitation = direct.invite(site, check_external_id(external_id), fields, visitor=visitor, agents=agents)
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    token = invitation_token(keys, site.id, invitation.id)
    result = {**invite_out(invitation), "token": token, "asks": words_out(site, invitation)}
    db.session.commit()
    return result


@blueprint.route("/invitations/<external:external_id>")
@requires("api_key", "read")
@blueprint.response(200, InviteOut)
def get(external_id: str) -> dict[str, Any]:
    """Return an invitation and its vote."""
    return invite_out(direct.get_invitation(find_site(g.site_id), external_id))


def invite_out(invitation: Invitation) -> dict[str, Any]:
    columns = {name: getattr(invitation, name) for name in INVITATION_COLUMNS}
    of_invitation = (Vote.site_id == invitation.site_id, Vote.invitation_id == invitation.id)
    vote = db.session.scalar(select(Vote.id).where(*of_invitation))
    return {**columns, **reason_out(invitation), "segment": None, "external_id": invitation.external_id, "vote": vote}


def words_out(site: Site, invitation: Invitation) -> dict[str, Any]:
    """Return the revision with its texts in each language of the site: the owner's, else the defaults."""
    revision = db.session.get_one(SurveyRevision, (site.id, invitation.revision_id))
    scale = SCALES[revision.scale]
    texts = {
        language: words_for(language, direct.PLACEMENT, revision.look, scale) | nearest_texts(revision.texts, language)
        for language in site.languages
    }
    return {**revision_out(revision), "texts": texts, "lowest": scale.low}
