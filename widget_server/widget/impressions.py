"""Record impressions and dismissals of surveys (`seen`, `dismissed`). A vote never needs them.

A robot gets the response of a visitor and is counted nowhere. The impression of a visitor who sends Global Privacy
Control is not counted either: see docs/reference/rules.md.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, request
from sqlalchemy import Connection

from ..auth.access import requires
from ..core import clock
from ..core.errors import Forbidden, Invalid
from ..invitations.models import Invitation
from ..invitations.transitions import dismiss, mark_shown
from ..sites.models import Site
from ..sites.recent import find_recent, keep_recent
from ..sites.signatures import read_invitation_token, site_keys
from ..storage import group_commit
from ..storage.db import db, engines
from ..subjects.names import KINDS_WITH_PATHS, to_name
from ..subjects.service import KINDS, count_dismissed, ensure_subject
from ..subjects.views import View
from .page_request import (
    check_one_target,
    check_page,
    current_config,
    find_allowed_site,
    limit_daily,
    limit_source,
    read_body,
    site_settings,
)
from .robots import is_robot
from .schemas import ImpressionBody
from .view_sums import SeenPage, ViewSums, sums_of

BODY_SCHEMA = ImpressionBody()
NO_CONTENT = 204
#: New subjects that the impressions from one network may create on a site in a day.
MAX_NEW_SUBJECTS_PER_SOURCE = 500


@requires("page", "write")
def record_impression(key: str) -> Response:
    """Record that the survey came into view."""
    return _record(key, "seen")


@requires("page", "write")
def record_dismissal(key: str) -> Response:
    """Record that the visitor closed the survey without an answer."""
    return _record(key, "dismissed")


def _record(key: str, action: str) -> Response:
    limit_source(action, key, current_config().votes_per_source_per_minute)
    fields = read_body(BODY_SCHEMA)
    check_one_target(fields)
    if not _is_counted(action):
        site_id = find_allowed_site(key).id
        # Release the writing connection, on which impressions are written.
        db.session.commit()
        if action == "seen" and not _is_robot():
            _add(site_id, None, fields)
        return Response(status=NO_CONTENT)
    if fields["token"] is not None:
        site = find_allowed_site(key)
        invitation = _invitation(site, fields["token"])
        (mark_shown if action == "seen" else dismiss)(invitation)
        site_id = site.id
        db.session.commit()
        if action == "seen":
            _add(site_id, None, fields)
        return Response(status=NO_CONTENT)
    if action == "seen":
        _add_view(key, fields)
        return Response(status=NO_CONTENT)
    origin = request.headers.get("Origin")
    group_commit.commit(engines().write, lambda connection: _count_dismissed(connection, key, origin, fields))
    return Response(status=NO_CONTENT)


def _is_counted(action: str) -> bool:
    """Return whether to count this request; a dismissal is a press, so Global Privacy Control does not exclude it."""
    if action == "seen" and request.headers.get("Sec-GPC") == "1":
        return False
    return not _is_robot()


def _is_robot() -> bool:
    return is_robot(request.headers.get("User-Agent"), count_headless=current_config().count_headless)


def _add(site_id: UUID, view: View | None, fields: dict[str, Any]) -> None:
    """Count an impression of a subject, and remember the page for the owner of the site.

    The page names no visitor, so it is also remembered under Global Privacy Control, where no impression is counted.
    """
    sums_of(engines().write).add(site_id, view, _seen_page(fields))


def _seen_page(fields: dict[str, Any]) -> SeenPage | None:
    """Return the page of a request; None if the request is not from a browser."""
    origin = request.headers.get("Origin")
    if origin is None:
        return None
    kind, subject = fields["kind"], fields["subject"]
    # A page may send its address with a token, which has no subject.
    address = subject if kind in KINDS_WITH_PATHS and subject else fields["page"]
    return SeenPage(origin, address, clock.now())


def _invitation(site: Site, token: str) -> Invitation:
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    invitation_id = read_invitation_token(keys, site.id, token, clock.now())
    invitation = db.session.get(Invitation, (site.id, invitation_id))
    if invitation is None:
        raise Forbidden("Token is not valid for this site.", code="bad_token")
    return invitation


def _add_view(key: str, fields: dict[str, Any]) -> None:
    """Count an impression in this process. It reads the database at most once a second."""
    origin, site = request.headers.get("Origin"), find_recent(key, "settings")
    if site is None:
        # A reading connection, because votes wait for the writing one.
        with engines().read.connect() as connection:
            site = site_settings(connection, key, origin)
        keep_recent(key, "settings", site)
    check_page(site, origin)
    kind = _check_kind(fields["kind"])
    view = View(site.id, kind, to_name(kind, fields["subject"]), clock.local_day(clock.now(), site.time_zone))
    sums = sums_of(engines().write)
    if view.subject not in sums.known and not sums.holds(view) and not _exists(sums, view):
        limit_daily("new_subject", key, MAX_NEW_SUBJECTS_PER_SOURCE)
    _add(site.id, view, fields)


def _exists(sums: ViewSums, view: View) -> bool:
    with engines().read.connect() as connection:
        return sums.is_known(connection, view.subject)


def _count_dismissed(connection: Connection, key: str, origin: str | None, fields: dict[str, Any]) -> None:
    site, kind, now = site_settings(connection, key, origin), _check_kind(fields["kind"]), clock.now()
    subject_id = ensure_subject(connection, site.id, kind, fields["subject"], now)
    count_dismissed(connection, site.id, subject_id, clock.local_day(now, site.time_zone))


def _check_kind(kind: str) -> str:
    if kind not in KINDS:
        raise Invalid(f"Kind must be one of {', '.join(KINDS)}.", pointer="/kind")
    return kind
