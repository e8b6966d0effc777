"""The first rating of a site, with which its installation ends."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_

from ..conversations.models import Segment
from ..ratings.models import Vote
from ..storage.prepared import AnySession
from .answers import Answer, to_answer
from .load_ratings import to_revision_texts, worded_votes


@dataclass(frozen=True)
class FirstRating:
    """The answer in words, and the conversation in which it is shown; None for an article or page."""

    answer: Answer
    conversation_id: UUID | None


def find_first_rating(session: AnySession, site_id: UUID) -> FirstRating | None:
    """Return the oldest rating of a site that its visitor has not removed. Imported ones do not count."""
    in_segment = and_(Segment.site_id == Vote.site_id, Segment.id == Vote.segment_id)
    query = worded_votes(site_id).add_columns(Segment.conversation_id).outerjoin(Segment, in_segment)
    query = query.where(Vote.score.is_not(None), Vote.imported_at.is_(None)).order_by(Vote.id).limit(1)
    row = session.execute(query).one_or_none()
    if row is None or row[0].score is None:
        return None
    return FirstRating(to_answer(row[0].score, to_revision_texts(*row[1:7])), row[7])
