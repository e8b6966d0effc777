"""Erase what a visitor wrote and showed in one vote. Its score and its choices stay. Flushes, never commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update

from ..conversations.models import Segment
from ..events.publish import publish
from ..storage.db import db
from ..surveys.follow_up import read_questions
from ..surveys.models import SurveyRevision
from .erased import without_free_texts
from .models import Screenshot, Vote, VoteChange


def erase_vote(vote: Vote, at: datetime) -> None:
    """Erase the words, the page and the picture of a locked vote, with its history, and publish it."""
    revision = db.session.get_one(SurveyRevision, (vote.site_id, vote.revision_id))
    vote.comment, vote.comment_folded, vote.page = None, None, None
    # The reason of an exclusion may describe the person; that, when and by whom it was excluded stays.
    vote.exclusion_reason = None
    vote.answers = without_free_texts(read_questions(revision.settings), vote.answers)
    vote.erased_at = vote.erased_at or at
    db.session.flush()
    of_vote = VoteChange.site_id == vote.site_id, VoteChange.vote_id == vote.id
    db.session.execute(update(VoteChange).where(*of_vote).values(comment=None, answers={}))
    db.session.execute(delete(Screenshot).where(Screenshot.site_id == vote.site_id, Screenshot.vote_id == vote.id))
    conversation_id = None
    if vote.segment_id is not None:
        conversation_id = db.session.get_one(Segment, (vote.site_id, vote.segment_id)).conversation_id
    publish(
        db.session,
        vote.site_id,
        "vote.erased",
        at=at,
        conversation_id=conversation_id,
        segment_id=vote.segment_id,
        subject_id=vote.subject_id,
        vote_id=vote.id,
        version=vote.version,
    )
