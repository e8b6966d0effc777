"""`ended` and `poll`: the page says, or asks whether, the chat is over, and learns whether to show the faces."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify

from ..auth.access import requires
from ..conversations.models import Conversation
from ..core import clock, tokens
from ..core.errors import TooMany
from ..invitations import quota
from ..invitations.models import Invitation
from ..invitations.ownership import find_or_make, find_proven
from ..invitations.rules import QUOTA
from ..invitations.service import Ending, end_segment, invitation_to_show
from ..ratings.service import receipt_of
from ..ratings.target import Target
from ..sites.models import Site
from ..sites.signatures import SiteKey, invitation_token, site_keys
from ..storage.db import db
from ..surveys.models import SurveyRevision
from ..web import rate_limits
from ..web.client_address import client_network
from .languages import page_texts
from .page_request import body, claim_of, config, limit_source, site_of
from .receipts import receipt_out
from .schemas import EndedBody

BODY = EndedBody()
#: A page asks twelve times at most; there is room for a reload and a second tab.
POLLS_PER_CHAT_PER_MINUTE = 30


@requires("page", "write")
def ended(key: str) -> Response:
    """End the conversation's open part and answer with the question, if one is asked. The same again gives the same."""
    limit_source("ended", key, config().ended_per_source_per_minute)
    fields = body(BODY)
    site = site_of(key)
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    proven = find_or_make(site, keys, claim_of(fields), clock.now(), lambda: _has_room(site))
    if proven is None:
        quota.count_refused(site)
        db.session.commit()
        return jsonify({"asked": False, "reason": QUOTA})
    end_segment(site, proven.conversation, Ending(source="page", proof=proven.proof))
    answer = _answer(site, keys, proven.conversation, fields)
    db.session.commit()
    return jsonify(answer)


def _has_room(site: Site) -> bool:
    """Whether a chat that only this page tells of is taken: today, and from this address."""
    if not quota.has_room(site):
        return False
    try:
        rate_limits.take_daily("claim", f"{site.key}/{client_network()}", quota.CLAIMS_PER_SOURCE)
    except TooMany:
        return False
    return True


@requires("page", "read")
def poll(key: str) -> Response:
    """What `ended` would answer once the back end has ended the chat; 204 until then. Writes nothing."""
    limit_source("poll", key, config().polls_per_source_per_minute)
    fields = body(BODY)
    _limit_chat(key, fields["browser"] or fields["signature"])
    site = site_of(key)
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    claim = claim_of(fields)
    proven = find_proven(site, keys, claim, clock.now())
    # A question stays open though the visitor went on: thanks may come before the page asks.
    if proven is None or invitation_to_show(proven.conversation) is None:
        return Response(status=204)
    return jsonify(_answer(site, keys, proven.conversation, fields))


def _limit_chat(key: str, proof: str | None) -> None:
    """Count one question of a chat, known by what proves it. Many chats may stand behind one address."""
    if proof:
        rate_limits.hit("chat", tokens.digest(f"{key}/{proof}"), POLLS_PER_CHAT_PER_MINUTE)


def _answer(site: Site, keys: list[SiteKey], conversation: Conversation, fields: dict[str, Any]) -> dict[str, Any]:
    invitation = invitation_to_show(conversation)
    if invitation is None:
        return {"asked": False, "reason": "not_ended"}
    if invitation.status not in ("asked", "shown", "voted"):
        return {"asked": False, "reason": invitation.reason or invitation.status}
    if invitation.status != "voted" and invitation.expires_at is not None and invitation.expires_at < clock.now():
        return {"asked": False, "reason": "expired"}
    answer: dict[str, Any] = {
        "asked": True,
        "token": invitation_token(keys, site.id, invitation.id),
        "survey": "chat",
        **_wording(site, invitation, fields),
    }
    if invitation.status == "voted":
        receipt = receipt_of(db.session, site.id, _target(invitation))
        answer["answered"] = receipt_out(receipt) if receipt else None
    return answer


def _target(invitation: Invitation) -> Target:
    return Target(
        channel=invitation.channel,
        verified=True,
        segment_id=invitation.segment_id,
        invitation_id=None if invitation.segment_id else invitation.id,
    )


def _wording(site: Site, invitation: Invitation, fields: dict[str, Any]) -> dict[str, Any]:
    """The revision to show: one that the page's file already holds, else the planned one with its texts."""
    planned = db.session.get_one(SurveyRevision, (site.id, invitation.revision_id))
    if planned.id in fields["revisions"]:
        return {"revision": str(planned.id)}
    for revision_id in fields["revisions"]:
        held = db.session.get(SurveyRevision, (site.id, revision_id))
        if held is not None and held.survey_id == planned.survey_id:
            return {"revision": str(held.id)}
    return {"revision": str(planned.id), **page_texts(site, planned, "chat_end")}
