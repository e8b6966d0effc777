"""Receive votes (`votes`). The response follows the commit."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, request
from sqlalchemy import Connection

from ..auth.access import requires
from ..core import clock, tokens
from ..core.errors import Invalid
from ..invitations.ownership import check_visitor
from ..ratings.service import save_vote
from ..ratings.subject_target import NamedVisitor, target_of_browser, target_of_visitor
from ..ratings.submission import Submission
from ..ratings.target import Target, target_of_invitation
from ..sites.signatures import read_invitation_token, site_keys
from ..sites.site_cache import SiteSettings
from ..storage import group_commit
from ..storage.db import engines
from ..subjects.service import KINDS
from ..web import rate_limits
from .page_request import check_one_target, current_config, limit_source, page_path, read_body, site_settings, to_claim
from .receipts import receipt_out
from .schemas import VoteBody
from .survey_links import survey_address

BODY_SCHEMA = VoteBody()
#: Shared, because creating one for each response, as Flask does, costs more than encoding a receipt.
RECEIPT_ENCODER = json.JSONEncoder(separators=(",", ":"))


# The group commit repeats a vote that loses a race, so the view does not run again and counts no limit twice.
@requires("page", "write", runs_again=False)
def receive_vote(key: str) -> Response:
    """Save the full answer so far and return the receipt of the current answer."""
    limit_source("votes", key, current_config().votes_per_source_per_minute)
    fields = read_body(BODY_SCHEMA)
    check_one_target(fields)
    rate_limits.hit(
        "target", tokens.digest(fields["token"] or fields["id"]), current_config().votes_per_target_per_minute
    )
    submission = _submission_of(fields)
    origin = request.headers.get("Origin")
    receipt = group_commit.commit(
        engines().write, lambda connection: _save_vote(connection, key, origin, fields, submission)
    )
    return Response(RECEIPT_ENCODER.encode(receipt), mimetype="application/json")


def _submission_of(fields: dict[str, Any]) -> Submission:
    now = clock.now()
    return Submission(
        client_hash=tokens.digest(fields["id"]),
        rev=fields["rev"],
        revision_id=fields["revision"],
        score=fields["score"],
        received_at=now,
        intended_at=clock.pressed_at(now, fields["age_ms"]),
        reasons=tuple(fields["reasons"]),
        answers=fields["answers"],
        outcomes=fields["outcomes"],
        comment=fields["comment"],
        language=fields["lang"],
        page=page_path(fields["page"]),
    )


def _save_vote(
    connection: Connection, key: str, origin: str | None, fields: dict[str, Any], submission: Submission
) -> dict[str, Any]:
    site = site_settings(connection, key, origin)
    keys = site_keys(connection, current_app.config["SECRET_KEYS"], site.id)
    if fields["token"] is not None:
        invitation_id = read_invitation_token(keys, site.id, fields["token"], submission.received_at)
        target = target_of_invitation(connection, site.id, invitation_id)
    else:
        target = _subject_target(connection, site, keys, fields, submission)
    receipt = save_vote(connection, site, target, submission)
    return receipt_out(receipt, survey_address(keys, site, receipt))


def _subject_target(
    connection: Connection, site: SiteSettings, keys: Any, fields: dict[str, Any], submission: Submission
) -> Target:
    kind = fields["kind"]
    if kind not in KINDS:
        raise Invalid(f"Kind must be one of {', '.join(KINDS)}.", pointer="/kind")
    if fields["signature"] is not None:
        claim = to_claim({**fields, "conversation": fields["subject"]}, submission.intended_at)
        check_visitor(connection, site, keys, claim, submission.received_at, kind)
        if fields["visitor"]:
            named_visitor = NamedVisitor(site.id, kind, fields["subject"], fields["visitor"], fields["expires"])
            return target_of_visitor(connection, named_visitor, submission)
    return target_of_browser(connection, site.id, kind, fields["subject"], submission)
