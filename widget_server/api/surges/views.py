"""The routes below /surges."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g

from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...inbox.surges import find_surges
from ...ratings.surge_decisions import Decision, decide
from ...ratings.surge_models import Surge
from ...storage.db import db
from ...subjects.models import Subject
from ..base import Resource
from ..votes.schemas import DecisionIn
from .schemas import SurgeExclusionIn, SurgeOut, SurgesOut, SurgesQuery

blueprint = Resource("surges", "Hours with unusually many anonymous votes.")


@blueprint.route("/surges")
@requires("api_key", "read")
@blueprint.arguments(SurgesQuery, location="query")
@blueprint.response(200, SurgesOut)
def list_surges(query: dict[str, Any]) -> dict[str, Any]:
    """List time spans in which a subject got unusually many anonymous votes, newest first.

    Their votes have the status `suspected` until a decision, and are not counted.
    """
    page = find_surges(db.session(), g.site_id, **query)
    return {"surges": [surge_out(surge, subject) for surge, subject in page.rows], "total": page.total}


@blueprint.route("/surges/<uuid:surge_id>/exclude", methods=["POST"])
@requires("api_key", "write", scope="moderate")
@blueprint.arguments(SurgeExclusionIn, required=False)
@blueprint.response(200, SurgeOut)
def post_exclude(fields: dict[str, Any], surge_id: UUID) -> dict[str, Any]:
    """Exclude the votes of a surge from the scores.

    The first 200 are excluded at once, the others within some minutes. A surge that still goes on ends here; later
    votes are a new one.
    """
    return commit_decision(surge_id, "excluded", fields)


@blueprint.route("/surges/<uuid:surge_id>/keep", methods=["POST"])
@requires("api_key", "write", scope="moderate")
@blueprint.arguments(DecisionIn, required=False)
@blueprint.response(200, SurgeOut)
def post_keep(fields: dict[str, Any], surge_id: UUID) -> dict[str, Any]:
    """Count the votes of a surge, also after it was excluded. Later hours may have twice as many."""
    return commit_decision(surge_id, "kept", fields)


def commit_decision(surge_id: UUID, decision: Decision, fields: dict[str, Any]) -> dict[str, Any]:
    """Commit a decision and return its surge."""
    by = current_actor(fields.get("by", ""))
    surge = decide(g.site_id, surge_id, decision, by=by, reason=fields.get("reason"))
    result = surge_out(surge, db.session.get_one(Subject, (g.site_id, surge.subject_id)))
    db.session.commit()
    return result


def surge_out(surge: Surge, subject: Subject) -> dict[str, Any]:
    """Return the values of a surge and of its subject."""
    names = ("id", "state", "started_at", "ended_at", "max_votes", "vote_count", "decided_at", "decided_by", "reason")
    values = {name: getattr(surge, name) for name in names}
    is_pending = surge.pending_decision is not None
    return {**values, "kind": subject.kind, "subject": subject.subject, "is_pending": is_pending}
