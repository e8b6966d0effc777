"""Let a page report or ask whether a chat has ended, and answer whether to show the survey (`ended`, `poll`)."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify

from ..auth.access import requires
from ..core import clock, tokens
from ..core.errors import TooMany
from ..invitations import quota
from ..invitations.conversation_state import load_state, lock_state
from ..invitations.models import Invitation
from ..invitations.ownership import find_or_make_conversation, find_owned_conversation
from ..invitations.rules import QUOTA
from ..invitations.service import Ending, end_segment, find_invitation_to_show
from ..ratings.service import find_receipt
from ..ratings.target import Target
from ..sites.models import Site
from ..sites.signatures import SiteKey, invitation_token, site_keys
from ..storage.db import db
from ..surveys.models import SurveyRevision
from ..web import rate_limits
from ..web.client_address import client_network, client_prefix
from .languages import page_texts
from .page_request import current_config, find_allowed_site, limit_source, read_body, to_claim
from .receipts import receipt_out
from .schemas import EndedBody

BODY_SCHEMA = EndedBody()
#: A page polls at most twelve times a minute; the rest is for a reload and a second tab.
POLLS_PER_CHAT_PER_MINUTE = 30


@requires("page", "write")
def end_chat(key: str) -> Response:
    """End the conversation's open segment and return the survey to show, if any. Idempotent."""
    limit_source("ended", key, current_config().ended_per_source_per_minute)
    fields = read_body(BODY_SCHEMA)
    site = find_allowed_site(key)
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    ownership = find_or_make_conversation(site, keys, to_claim(fields), clock.now(), lambda: _has_room(site))
    if ownership is None:
        quota.count_refused(site)
        db.session.commit()
        return jsonify({"asked": False, "reason": QUOTA})
    state = lock_state(ownership.conversation)
    end_segment(site, state, Ending(source="page", proof=ownership.proof))
    answer = _answer(site, keys, find_invitation_to_show(state), fields)
    db.session.commit()
    return jsonify(answer)


def _has_room(site: Site) -> bool:
    """Return whether the daily limits of the site and of this address allow a chat that only this page claims."""
    limits = quota.limits_of_prefix(site)
    if limits is None:
        return False
    try:
        rate_limits.hit_daily("claim", f"{site.key}/{client_network()}", quota.MAX_UNVERIFIED_PER_SOURCE)
        for name, per_day in limits.items():
            rate_limits.hit_daily(name, f"{site.key}/{client_prefix()}", per_day)
    except TooMany:
        return False
    return True


@requires("page", "read")
def poll_chat(key: str) -> Response:
    """Return what `ended` would once the back end has ended the chat; 204 until then. Write nothing."""
    limit_source("poll", key, current_config().polls_per_source_per_minute)
    fields = read_body(BODY_SCHEMA)
    _limit_chat(key, fields["browser"] or fields["signature"])
    site = find_allowed_site(key)
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    claim = to_claim(fields)
    ownership = find_owned_conversation(site, keys, claim, clock.now())
    # A survey stays open after the visitor writes again, because a "thanks" may arrive before the page polls.
    invitation = find_invitation_to_show(load_state(ownership.conversation)) if ownership is not None else None
    if invitation is None:
        return Response(status=204)
    return jsonify(_answer(site, keys, invitation, fields))


def _limit_chat(key: str, proof: str | None) -> None:
    """Count one poll of a chat, identified by its proof because many chats may share one address."""
    if proof:
        rate_limits.hit("chat", tokens.digest(f"{key}/{proof}"), POLLS_PER_CHAT_PER_MINUTE)


def _answer(site: Site, keys: list[SiteKey], invitation: Invitation | None, fields: dict[str, Any]) -> dict[str, Any]:
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
        receipt = find_receipt(db.session, site.id, _target(invitation))
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
    """Return the revision to show: one that the page already has, else the planned one with its texts."""
    planned = db.session.get_one(SurveyRevision, (site.id, invitation.revision_id))
    if planned.id in fields["revisions"]:
        return {"revision": str(planned.id)}
    for revision_id in fields["revisions"]:
        known_revision = db.session.get(SurveyRevision, (site.id, revision_id))
        if known_revision is not None and known_revision.survey_id == planned.survey_id:
            return {"revision": str(known_revision.id)}
    return {"revision": str(planned.id), **page_texts(site, planned, "chat_end")}
