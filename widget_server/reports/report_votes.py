"""The votes behind a number of a report, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, extract, or_, select

from ..conversations.models import Segment
from ..inbox.vote_list import VoteRow, to_rows, votes_with_context
from ..ratings.models import CreditedVote, Vote
from ..storage.prepared import AnySession
from ..surveys.models import SurveyRevision
from ..web.cursor import Place
from .report_filter import ReportFilter
from .scores import has_sentiment
from .vote_counts import conditions_of, votes_source

#: Comments are looked for in this number of votes, so that a site without comments is not read in whole.
MAX_SEARCHED = 2_000


@dataclass(frozen=True)
class ReportVote:
    """A vote, and the conversation that it is about."""

    row: VoteRow
    conversation_id: UUID | None


def find_report_votes(
    session: AnySession,
    site_id: UUID,
    report_filter: ReportFilter,
    *,
    scale: str | None = None,
    sentiment: str | None = None,
    after: Place | None = None,
    limit: int,
) -> list[ReportVote]:
    """Return at most `limit` votes that the figures of a filter count, from the place `after` on."""
    query = _select_ids(session, site_id, report_filter)
    if scale is not None:
        query = query.where(SurveyRevision.scale == scale)
    if sentiment is not None:
        query = query.where(has_sentiment(Vote.score, sentiment))
    if after is not None:
        at, vote_id = after
        query = query.where(or_(Vote.first_at < at, and_(Vote.first_at == at, Vote.id < vote_id)))
    return _load(session, site_id, list(session.scalars(query.limit(limit))))


def find_latest_comments(
    session: AnySession, site_id: UUID, report_filter: ReportFilter, *, limit: int
) -> list[ReportVote]:
    """Return the newest votes with a comment among the latest votes of a filter."""
    latest = _select_ids(session, site_id, report_filter).limit(MAX_SEARCHED).subquery()
    commented = (
        select(Vote.id)
        .join(latest, latest.c.id == Vote.id)
        .where(Vote.site_id == site_id, Vote.comment.is_not(None))
        .order_by(Vote.first_at.desc(), Vote.id.desc())
    )
    return _load(session, site_id, list(session.scalars(commented.limit(limit))))


def _select_ids(session: AnySession, site_id: UUID, report_filter: ReportFilter) -> Select[Any]:
    """Select the ids of the votes of a filter, newest first."""
    of_agent = report_filter.agent is not None
    source = votes_source(report_filter, of_agents=of_agent)
    at = CreditedVote.first_at if of_agent else Vote.first_at
    vote_id = CreditedVote.vote_id if of_agent else Vote.id
    query = (
        source.votes.add_columns(vote_id.label("id"))
        .join(SurveyRevision, and_(SurveyRevision.site_id == source.site_id, SurveyRevision.id == source.revision_id))
        .where(source.site_id == site_id, *conditions_of(session, site_id, report_filter, source))
        .order_by(at.desc(), vote_id.desc())
    )
    if report_filter.weekday:
        # Both databases number the days from Sunday.
        query = query.where(extract("dow", Vote.voted_on).in_([(day + 1) % 7 for day in report_filter.weekday]))
    return query


def _load(session: AnySession, site_id: UUID, ids: list[UUID]) -> list[ReportVote]:
    if not ids:
        return []
    query = votes_with_context(site_id).where(Vote.id.in_(ids)).order_by(Vote.first_at.desc(), Vote.id.desc())
    rows = to_rows(session, site_id, query)
    is_same = and_(Segment.site_id == Vote.site_id, Segment.id == Vote.segment_id)
    conversations = (
        select(Vote.id, Segment.conversation_id).join(Segment, is_same).where(Vote.site_id == site_id, Vote.id.in_(ids))
    )
    conversation_ids = {row.id: row.conversation_id for row in session.execute(conversations)}
    return [ReportVote(row, conversation_ids.get(row.rating.vote_id)) for row in rows]
