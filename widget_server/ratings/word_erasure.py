"""Erase what a visitor wrote and showed in one vote. Its score and its choices stay. Flushes, never commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update

from ..accounts import audit
from ..accounts.actors import Actor
from ..core import clock
from ..storage.db import db
from ..surveys.follow_up import read_questions
from ..surveys.models import SurveyRevision
from .erased import without_free_texts
from .exclusions import lock_vote, publish_change
from .models import Screenshot, Vote, VoteChange


def erase_words(site_id: UUID, vote_id: UUID, *, by: Actor, at: datetime | None = None) -> None:
    """Erase what a visitor wrote and showed in a vote. Erasing it again has no effect.

    Raises: NotFound: the site has no such vote.
    """
    vote = lock_vote(site_id, vote_id)
    if vote.erased_at is None:
        audit.record(site_id, actor=by, action="vote.erased", target=f"vote {vote.id}", detail={"score": vote.score})
        erase_vote(vote, at or clock.now())


def erase_vote(vote: Vote, at: datetime) -> None:
    """Erase the words and the picture of a locked vote, also in its history, and publish it."""
    revision = db.session.get_one(SurveyRevision, (vote.site_id, vote.revision_id))
    vote.comment, vote.comment_folded = None, None
    vote.answers = without_free_texts(read_questions(revision.settings), vote.answers)
    vote.erased_at = vote.erased_at or at
    db.session.flush()
    of_vote = VoteChange.site_id == vote.site_id, VoteChange.vote_id == vote.id
    db.session.execute(update(VoteChange).where(*of_vote).values(comment=None, answers={}))
    db.session.execute(delete(Screenshot).where(Screenshot.site_id == vote.site_id, Screenshot.vote_id == vote.id))
    publish_change(vote, "vote.erased", at)
