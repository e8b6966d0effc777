"""What lists read of a vote elsewhere: in its conversation, and in the lists of the agents who are credited with it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from ..conversations.models import Conversation
from ..storage.db import db
from ..surveys.models import SurveyRevision
from ..surveys.scales import SCALES
from .models import CreditedVote, Vote


def refresh_answer(site_id: UUID, conversation_id: UUID) -> None:
    """Derive again what a conversation repeats of its answer, after votes moved to other segments."""
    of_revision = (SurveyRevision.site_id == Vote.site_id) & (SurveyRevision.id == Vote.revision_id)
    of_listed = (Conversation.site_id == Vote.site_id) & (Conversation.listed_segment_id == Vote.segment_id)
    row = db.session.execute(
        select(Vote.score, Vote.is_recovered, SurveyRevision.scale)
        .join(SurveyRevision, of_revision)
        .join(Conversation, of_listed)
        .where(Conversation.site_id == site_id, Conversation.id == conversation_id)
    ).one_or_none()
    is_rated = row is not None and row.score is not None
    db.session.execute(
        update(Conversation)
        .where(Conversation.site_id == site_id, Conversation.id == conversation_id)
        .values(
            sentiment=SCALES[row.scale].sentiment(row.score) if row is not None and is_rated else None,
            is_recovered=row is not None and row.is_recovered,
        )
        .execution_options(synchronize_session=False)
    )


def move_credits(vote: Vote, before: Sequence[UUID], after: Sequence[UUID]) -> None:
    """Move a vote from the lists of the agents who were credited with it to those of others."""
    of_vote = (CreditedVote.site_id == vote.site_id, CreditedVote.first_at == vote.first_at)
    removed_ids, added_ids = set(before) - set(after), set(after) - set(before)
    if removed_ids:
        db.session.execute(
            delete(CreditedVote).where(
                *of_vote, CreditedVote.agent_id.in_(removed_ids), CreditedVote.vote_id == vote.id
            )
        )
    for agent_id in sorted(added_ids):
        row = {"site_id": vote.site_id, "agent_id": agent_id, "first_at": vote.first_at, "vote_id": vote.id}
        db.session.execute(insert(CreditedVote), row)
