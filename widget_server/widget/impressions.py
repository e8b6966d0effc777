"""`seen` and `dismissed`: what happened to a question without an answer. Never needed for a vote.

Who is no visitor is answered like one and counts nowhere, and of whoever asks not to be followed (Global Privacy
Control) no view is counted: see docs/reference/rules.md.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from sqlalchemy import Connection

from ..auth.access import requires
from ..core import clock
from ..core.errors import Forbidden, Invalid
from ..invitations.models import Invitation
from ..invitations.transitions import dismiss, mark_shown
from ..sites.models import Site
from ..sites.signatures import read_invitation_token, site_keys
from ..storage import group_commit
from ..storage.db import db, engines
from ..subjects.service import KINDS, count_dismissed, count_shown, ensure_subject
from .page_request import body, config, limit_source, one_target, site_of, site_settings
from .robots import is_robot
from .schemas import MarkBody

BODY = MarkBody()
DONE = 204


@requires("page", "write")
def seen(key: str) -> Response:
    """The faces came into view."""
    return _mark(key, "seen")


@requires("page", "write")
def dismissed(key: str) -> Response:
    """The visitor put the question away."""
    return _mark(key, "dismissed")


def _mark(key: str, what: str) -> Response:
    limit_source(what, key, config().votes_per_source_per_minute)
    fields = body(BODY)
    one_target(fields)
    if not _is_counted(what):
        site_of(key)
        return Response(status=DONE)
    if fields["token"] is not None:
        invitation = _invitation(site_of(key), fields["token"])
        (mark_shown if what == "seen" else dismiss)(invitation)
        db.session.commit()
        return Response(status=DONE)
    # Articles are seen far more often than they are rated: votes shall not wait for each view's own flush of the disk.
    origin = request.headers.get("Origin")
    group_commit.commit(engines().write, lambda connection: _count(connection, key, origin, fields, what))
    return Response(status=DONE)


def _is_counted(what: str) -> bool:
    """Putting a question away is a press, which counts with Global Privacy Control as a vote does."""
    if what == "seen" and request.headers.get("Sec-GPC") == "1":
        return False
    return not is_robot(request.headers.get("User-Agent"), count_headless=config().count_headless)


def _invitation(site: Site, token: str) -> Invitation:
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    invitation_id = read_invitation_token(keys, site.id, token, clock.now())
    invitation = db.session.get(Invitation, (site.id, invitation_id))
    if invitation is None:
        raise Forbidden("This token was not made here.", code="bad_token")
    return invitation


def _count(connection: Connection, key: str, origin: str | None, fields: dict[str, Any], what: str) -> None:
    site, kind, now = site_settings(connection, key, origin), fields["kind"], clock.now()
    if kind not in KINDS:
        raise Invalid(f"Without a token a page rates one of {', '.join(KINDS)}.", pointer="/kind")
    subject_id = ensure_subject(connection, site.id, kind, fields["subject"], now)
    count = count_shown if what == "seen" else count_dismissed
    count(connection, site.id, subject_id, clock.local_day(now, site.time_zone))
