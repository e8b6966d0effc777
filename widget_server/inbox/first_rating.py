"""The first rating of a site, with which its installation ends."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, select

from ..conversations.models import Segment
from ..ratings.imported_ratings import survey_id_of
from ..ratings.models import Vote
from ..storage.prepared import AnySession
from ..surveys.models import SurveyRevision
from ..surveys.scales import SCALES
from .answers import Answer, to_answer
from .load_ratings import to_revision_texts, worded_votes


@dataclass(frozen=True)
class FirstRating:
    """The answer in words, and the conversation in which it is shown; None for an article or page."""

    answer: Answer
    conversation_id: UUID | None


def find_first_rating(session: AnySession, site_id: UUID) -> FirstRating | None:
    """Return the oldest rating of a site that its visitor has not removed. Imported ones do not count."""
    ids = [vote_id for vote_id in session.scalars(select_first_votes(site_id)) if vote_id is not None]
    if not ids:
        return None
    in_segment = and_(Segment.site_id == Vote.site_id, Segment.id == Vote.segment_id)
    query = worded_votes(site_id).add_columns(Segment.conversation_id).outerjoin(Segment, in_segment)
    row = min(session.execute(query.where(Vote.id.in_(ids))).all(), key=lambda one: (one[0].first_at, one[0].id))
    return FirstRating(to_answer(row[0].score, to_revision_texts(*row[1:7])), row[7])


def select_first_votes(site_id: UUID) -> Select[UUID | None]:
    """Select the first vote on each revision but those of imported ratings, of which a site may have a million."""
    first_vote = (
        select(Vote.id)
        .where(Vote.site_id == site_id, Vote.revision_id == SurveyRevision.id, Vote.score.is_not(None))
        .order_by(Vote.first_at, Vote.id)
        .limit(1)
        .correlate(SurveyRevision)
    )
    imported_ids = [survey_id_of(site_id, scale) for scale in SCALES]
    return select(first_vote.scalar_subquery()).where(
        SurveyRevision.site_id == site_id, SurveyRevision.survey_id.not_in(imported_ids)
    )
