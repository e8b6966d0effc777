"""Routes of /votes and /subjects."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, current_app, g

from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core.errors import NotFound
from ...inbox.articles import find_articles
from ...inbox.changed import Changed
from ...inbox.settled import settled_until
from ...inbox.vote_filter import VoteFilter
from ...inbox.vote_list import VoteRow, find_changed_votes, find_history, find_vote, find_votes, place_of
from ...privacy.erasure_ledger import ERASED_FILE, record_word_erasure
from ...ratings import exclusions
from ...ratings.screenshots import find_content
from ...ratings.word_erasure import erase_words
from ...storage.db import db, engines
from ...storage.engines import empty_log
from ...web import cursor
from ...web.problems import make_download
from ..base import Resource
from ..fields import check_filter_ids, to_moments
from .schemas import (
    DecisionIn,
    ExclusionIn,
    HistoryOut,
    HistoryQuery,
    SubjectsOut,
    SubjectsQuery,
    VoteOut,
    VotesOut,
    VotesQuery,
)

blueprint = Resource("votes", "Votes and their history.")


@blueprint.route("/votes")
@requires("api_key", "read")
@blueprint.arguments(VotesQuery, location="query")
@blueprint.response(200, VotesOut)
def list_votes(query: dict[str, Any]) -> dict[str, Any]:
    """List votes, newest first.

    They are sorted by their first press, which never changes, so a cursor stays valid while votes arrive. With
    `changed_since` they are sorted by their last change, the oldest first, with removed, excluded and erased ones. Send
    `changed_until` as the next `changed_since` to get later changes.
    """
    limit, after = query.pop("limit"), cursor.decode(query.pop("cursor", None))
    check_filter_ids(g.site_id, query)
    query = to_moments(g.site_id, query, "since", "until")
    changed_since = query.pop("changed_since", None)
    if changed_since is not None:
        return _list_changed(VoteFilter(**query), changed_since, after, limit)
    # One row more than the limit shows whether there is a next page.
    rows = find_votes(db.session(), g.site_id, VoteFilter(**query), after=after, limit=limit + 1)
    next_place = place_of(rows[limit - 1]) if len(rows) > limit else None
    return {"votes": [vote_out(row) for row in rows[:limit]], "next_cursor": cursor.encode(next_place)}


def _list_changed(
    vote_filter: VoteFilter, changed_since: datetime, after: cursor.Place | None, limit: int
) -> dict[str, Any]:
    changed = Changed(changed_since, settled_until(db.session()))
    rows = find_changed_votes(db.session(), g.site_id, vote_filter, changed, after=after, limit=limit + 1)
    page = rows[:limit]
    next_place = (page[-1].rating.updated_at, page[-1].rating.vote_id) if len(rows) > limit else None
    return {
        "votes": [vote_out(row) for row in page],
        "next_cursor": cursor.encode(next_place),
        "changed_until": changed.until,
    }


@blueprint.route("/votes/<uuid:vote_id>")
@requires("api_key", "read")
@blueprint.response(200, VoteOut)
def get_vote(vote_id: UUID) -> dict[str, Any]:
    """Return a vote."""
    row = find_vote(db.session(), g.site_id, vote_id)
    if row is None:
        raise NotFound("Vote not found; check its id.")
    return vote_out(row)


@blueprint.route("/votes/<uuid:vote_id>/history")
@requires("api_key", "read")
@blueprint.arguments(HistoryQuery, location="query")
@blueprint.response(200, HistoryOut)
def get_history(query: dict[str, Any], vote_id: UUID) -> dict[str, Any]:
    """List the history of a vote, oldest entry first.

    It does not contain answers that the visitor removed. At most 50 entries are kept: the first, the last, and those
    that change the score before others. Saves of one minute with the same score are one entry.
    """
    entries = find_history(db.session(), g.site_id, vote_id)
    if entries is None:
        raise NotFound("Vote not found; check its id.")
    later_entries = [entry for entry in entries if entry.number > query["after"]]
    page = later_entries[: query["limit"]]
    return {"history": page, "next_after": page[-1].number if len(page) < len(later_entries) else None}


@blueprint.route("/votes/<uuid:vote_id>/screenshot")
@requires("api_key", "read")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/webp")
def get_screenshot(vote_id: UUID) -> Response:
    """Return the screenshot of a vote.

    As WebP, re-encoded by the server: upright, without metadata, at most 2 MiB.
    """
    return make_download(find_content(db.session, g.site_id, vote_id=vote_id), "image/webp", "screenshot.webp")


@blueprint.route("/votes/<uuid:vote_id>/exclude", methods=["POST"])
@requires("api_key", "write", scope="moderate")
@blueprint.arguments(ExclusionIn)
@blueprint.response(200, VoteOut)
def post_exclude(fields: dict[str, Any], vote_id: UUID) -> dict[str, Any]:
    """Exclude a vote from the scores.

    The vote stays, with its later changes, and shows who excluded it and why. Excluding it again has no effect.
    """
    exclusions.exclude(g.site_id, vote_id, by=current_actor(fields.get("by", "")), reason=fields["reason"])
    return commit_vote(vote_id)


@blueprint.route("/votes/<uuid:vote_id>/restore", methods=["POST"])
@requires("api_key", "write", scope="moderate")
@blueprint.arguments(DecisionIn, required=False)
@blueprint.response(200, VoteOut)
def post_restore(fields: dict[str, Any], vote_id: UUID) -> dict[str, Any]:
    """Restore an excluded vote to the scores."""
    exclusions.restore(g.site_id, vote_id, by=current_actor(fields.get("by", "")))
    return commit_vote(vote_id)


@blueprint.route("/votes/<uuid:vote_id>/erase", methods=["POST"])
@requires("api_key", "write", scope="erase")
@blueprint.arguments(DecisionIn, required=False)
@blueprint.response(200, VoteOut)
def post_erase(fields: dict[str, Any], vote_id: UUID) -> dict[str, Any]:
    """Erase the words and the picture of a vote.

    The score and the chosen answers stay. The vote cannot be changed any more, and this cannot be undone. Erasing it
    again has no effect.
    """
    erase_words(g.site_id, vote_id, by=current_actor(fields.get("by", "")))
    record_word_erasure(current_app.config["TILFREDS"].data_dir / ERASED_FILE, g.site_id, vote_id)
    result = commit_vote(vote_id)
    empty_log(engines().write)
    return result


def commit_vote(vote_id: UUID) -> dict[str, Any]:
    """Commit the changes of a vote and return it."""
    row = find_vote(db.session(), g.site_id, vote_id)
    assert row is not None
    result = vote_out(row)
    db.session.commit()
    return result


@blueprint.route("/subjects")
@requires("api_key", "read")
@blueprint.arguments(SubjectsQuery, location="query")
@blueprint.response(200, SubjectsOut)
def list_subjects(query: dict[str, Any]) -> dict[str, Any]:
    """List articles and other subjects, those with the most votes first.

    The counts include only counted votes. `shown` and `dismissed` are counted by day.
    """
    page = find_articles(db.session(), g.site_id, **query)
    return {"subjects": page.rows, "total": page.total}


def vote_out(row: VoteRow) -> dict[str, Any]:
    """Return the values of a rating and of its subject."""
    rating = {field.name: getattr(row.rating, field.name) for field in fields(row.rating)}
    return {**rating, **{field.name: getattr(row, field.name) for field in fields(row) if field.name != "rating"}}
