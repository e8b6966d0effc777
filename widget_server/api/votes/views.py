"""/votes and /subjects: what was answered."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from flask import Response, g

from ...accounts import audit
from ...auth.access import requires
from ...core.errors import NotFound
from ...inbox.articles import articles
from ...inbox.vote_list import VoteFilter, VoteRow, find_vote, place_of, votes
from ...ratings import exclusions
from ...ratings.screenshots import find_content
from ...storage.db import db
from ...web import cursor
from ...web.problems import make_download
from ..base import Resource
from .schemas import (
    AuditOut,
    AuditQuery,
    ExclusionIn,
    RestorationIn,
    SubjectsOut,
    SubjectsQuery,
    VoteOut,
    VotesOut,
    VotesQuery,
    VoteWithHistory,
)

blueprint = Resource("votes", "Votes: every answer, and what it was before.")


@blueprint.route("/votes")
@requires("api_key", "read")
@blueprint.arguments(VotesQuery, location="query")
@blueprint.response(200, VotesOut)
def list_votes(query: dict[str, Any]) -> dict[str, Any]:
    """Votes, newest first

    In the order of their first press, which never changes, so that a cursor stays good while votes arrive.
    """
    limit, after = query.pop("limit"), cursor.decode(query.pop("cursor", None))
    # One more than asked for tells whether there is a next page.
    rows = votes(db.session(), g.site_id, VoteFilter(**query), after=after, limit=limit + 1)
    more = place_of(rows[limit - 1]) if len(rows) > limit else None
    return {"votes": [vote_out(row) for row in rows[:limit]], "next_cursor": cursor.encode(more)}


@blueprint.route("/votes/<uuid:vote_id>")
@requires("api_key", "read")
@blueprint.response(200, VoteWithHistory)
def get_vote(vote_id: UUID) -> dict[str, Any]:
    """A vote with its history

    What a visitor took back is not told again.
    """
    row = find_vote(db.session(), g.site_id, vote_id)
    if row is None:
        raise NotFound("There is no such vote.")
    return vote_out(row)


@blueprint.route("/votes/<uuid:vote_id>/screenshot")
@requires("api_key", "read")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/webp")
def get_screenshot(vote_id: UUID) -> Response:
    """The screenshot that a visitor added

    As WebP, encoded anew by the server: without metadata, upright, at most 2 MiB.
    """
    return make_download(find_content(db.session, g.site_id, vote_id=vote_id), "image/webp", "screenshot.webp")


@blueprint.route("/votes/<uuid:vote_id>/exclude", methods=["POST"])
@requires("api_key", "write")
@blueprint.arguments(ExclusionIn)
@blueprint.response(200, VoteOut)
def post_exclude(fields: dict[str, Any], vote_id: UUID) -> dict[str, Any]:
    """Take a vote out of the counts

    It stays, with its answer and all that is changed about it later, and is told with who excluded it and why. Excluded
    twice is excluded once.
    """
    exclusions.exclude(g.site_id, vote_id, by=fields.get("by") or g.principal.name, reason=fields["reason"])
    return committed(vote_id)


@blueprint.route("/votes/<uuid:vote_id>/restore", methods=["POST"])
@requires("api_key", "write")
@blueprint.arguments(RestorationIn, required=False)
@blueprint.response(200, VoteOut)
def post_restore(fields: dict[str, Any], vote_id: UUID) -> dict[str, Any]:
    """Let an excluded vote count again"""
    exclusions.restore(g.site_id, vote_id, by=fields.get("by") or g.principal.name)
    return committed(vote_id)


def committed(vote_id: UUID) -> dict[str, Any]:
    row = find_vote(db.session(), g.site_id, vote_id)
    assert row is not None
    answer = vote_out(row)
    db.session.commit()
    return answer


@blueprint.route("/audit")
@requires("api_key", "read")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditOut)
def list_audit(query: dict[str, Any]) -> dict[str, Any]:
    """The log of what people decided

    Oldest first, from behind the number `after`. Keep the newest hash somewhere else, and nobody can cut the end off
    unread.
    """
    return {"entries": audit.list_entries(g.site_id, **query)}


@blueprint.route("/subjects")
@requires("api_key", "read")
@blueprint.arguments(SubjectsQuery, location="query")
@blueprint.response(200, SubjectsOut)
def list_subjects(query: dict[str, Any]) -> dict[str, Any]:
    """Articles and other subjects, the most answered first

    Only counted votes are in the counts; shown and dismissed are counted by day.
    """
    page = articles(db.session(), g.site_id, **query)
    return {"subjects": page.rows, "total": page.total}


def vote_out(row: VoteRow) -> dict[str, Any]:
    """The rating's values beside those of what it is about."""
    plain = {field.name: getattr(row.rating, field.name) for field in fields(row.rating)}
    return {**plain, **{field.name: getattr(row, field.name) for field in fields(row) if field.name != "rating"}}
