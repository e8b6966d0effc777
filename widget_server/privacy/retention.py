"""Delete data of a site when the period that the site set for its kind is over. Flushes, never commits.

`RETAINED` is the table of the kinds. The same condition selects what a run deletes and what the console announces.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, text, tuple_, update

from ..conversations.models import Conversation, Message, Segment
from ..core import clock
from ..invitations.models import Invitation
from ..ratings.models import CreditedVote, Screenshot, Vote, VoteChange
from ..ratings.redaction import COMMENT_ANSWERS, CONTACT_ANSWERS
from ..sites.models import Site
from ..storage.db import Model, db
from ..subjects.models import SubjectDay
from ..surveys.follow_up import read_questions
from ..surveys.models import SurveyRevision
from .erasure import CONVERSATION_FIELDS, ERASED_TEXT, erase_from_context

#: A batch should end within milliseconds, because votes wait for it on SQLite.
ROWS_PER_BATCH = 100
#: The fields of a conversation that retention deletes; it stays the visitor's, whose other ratings may be newer.
DETAILS = tuple(name for name in CONVERSATION_FIELDS if name != "visitor_id")
#: The conditions of partial indexes, which queries must repeat.
HAS_ANSWERS, HAS_TEXT = text("answers <> '{}'"), text("text <> ''")
_NO_OBJECT: dict[str, Any] = {}


@dataclass(frozen=True)
class Retained:
    """A kind of data: the rows of a model that are due before a moment, and how a batch of them is deleted."""

    model: type[Model]
    #: Conditions that exclude each other, because a database uses no index for one with OR.
    is_due: tuple[Callable[[Site, datetime], ColumnElement[bool]], ...]
    delete: Callable[[Site, Sequence[Any]], None]


def count_due(site: Site, kind: str, days: int) -> int:
    """Return how many rows of a kind the next run would delete if it were kept for this number of days."""
    retained, before = RETAINED[kind], clock.now() - timedelta(days=days)
    query = select(func.count()).select_from(retained.model)
    return sum(db.session.scalar(query.where(is_due(site, before))) or 0 for is_due in retained.is_due)


def delete_due(site: Site) -> Iterator[int]:
    """Delete what is due at a site, and yield the number of rows after each batch, which the caller may commit."""
    for kind, days in site.retention.items():
        retained, before = RETAINED[kind], clock.now() - timedelta(days=days)
        for is_due in retained.is_due:
            query = select(retained.model).limit(ROWS_PER_BATCH).with_for_update(skip_locked=True)
            while due_rows := db.session.scalars(query.where(is_due(site, before))).all():
                retained.delete(site, due_rows)
                db.session.flush()
                yield len(due_rows)


def _is_old_vote(site: Site, before: datetime) -> ColumnElement[bool]:
    # The first column has the index; a vote that was changed later is as old as its change.
    return (Vote.site_id == site.id) & (Vote.first_at < before) & (Vote.changed_at < before)


def _is_finished_vote(site: Site, before: datetime) -> ColumnElement[bool]:
    """Return the condition of an old vote whose visitor cannot change it.

    The counters stay, so a later press would count a visitor twice.
    """
    can_change = exists().where(
        Invitation.site_id == Vote.site_id, Invitation.id == Vote.asked_id, Invitation.expires_at >= clock.now()
    )
    return _is_old_vote(site, before) & ~can_change


def _has_comment(site: Site, before: datetime) -> ColumnElement[bool]:
    return _is_old_vote(site, before) & Vote.comment_folded.is_not(None)


def _has_answer_alone(site: Site, before: datetime) -> ColumnElement[bool]:
    return _is_old_vote(site, before) & Vote.comment_folded.is_(None) & _has_answer(site, COMMENT_ANSWERS)


def _has_contact(site: Site, before: datetime) -> ColumnElement[bool]:
    return _is_old_vote(site, before) & _has_answer(site, CONTACT_ANSWERS)


def _has_answer(site: Site, kinds: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a vote answers a question of these kinds in its revision."""
    revisions_by_questions: dict[tuple[str, ...], list[UUID]] = {}
    for revision_id, settings in _settings_of_revisions(site).items():
        if question_ids := _question_ids(settings, kinds):
            revisions_by_questions.setdefault(question_ids, []).append(revision_id)
    has_answer = or_(
        *(
            Vote.revision_id.in_(revisions) & or_(*(Vote.answers[name].as_string().is_not(None) for name in names))
            for names, revisions in revisions_by_questions.items()
        ),
        Vote.id.is_(None),
    )
    return and_(HAS_ANSWERS, has_answer)


def _settings_of_revisions(site: Site) -> Mapping[UUID, Mapping[str, Any]]:
    query = select(SurveyRevision.id, SurveyRevision.settings).where(SurveyRevision.site_id == site.id)
    return dict(db.session.execute(query).all())


def _question_ids(settings: Mapping[str, Any], kinds: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(question.id for question in read_questions(settings) if question.kind in kinds))


def _delete_comments(site: Site, votes: Sequence[Vote]) -> None:
    for vote in votes:
        vote.comment, vote.comment_folded = None, None
    _delete_answers(site, votes, COMMENT_ANSWERS)
    of_votes = VoteChange.site_id == site.id, VoteChange.vote_id.in_([vote.id for vote in votes])
    db.session.execute(update(VoteChange).where(*of_votes).values(comment=None))


def _delete_contacts(site: Site, votes: Sequence[Vote]) -> None:
    _delete_answers(site, votes, CONTACT_ANSWERS)


def _delete_answers(site: Site, votes: Sequence[Vote], kinds: Collection[str]) -> None:
    settings = _settings_of_revisions(site)
    # An earlier submission of a vote may have answered another revision.
    ids = {name for revision in settings.values() for name in _question_ids(revision, kinds)}
    query = select(VoteChange).where(VoteChange.site_id == site.id, VoteChange.vote_id.in_([vote.id for vote in votes]))
    for vote in votes:
        deleted_ids = _question_ids(settings[vote.revision_id], kinds)
        vote.answers = {name: value for name, value in vote.answers.items() if name not in deleted_ids}
    for change in db.session.scalars(query):
        change.answers = {name: value for name, value in change.answers.items() if name not in ids}


def _is_old_picture(site: Site, before: datetime) -> ColumnElement[bool]:
    return (Screenshot.site_id == site.id) & (Screenshot.stored_at < before)


def _is_old_message(site: Site, before: datetime) -> ColumnElement[bool]:
    return and_(Message.site_id == site.id, Message.sent_at < before, HAS_TEXT)


def _delete_texts(site: Site, messages: Sequence[Message]) -> None:
    for message in messages:
        message.text = ERASED_TEXT


def _has_details(site: Site, before: datetime) -> ColumnElement[bool]:
    is_set = [getattr(Conversation, name).is_not(None) for name in DETAILS]
    has_fields = or_(*is_set, Conversation.custom_fields != _NO_OBJECT)
    is_old = (Conversation.created_at < before) & (Conversation.latest_at < before)
    return (Conversation.site_id == site.id) & is_old & has_fields


def _delete_details(site: Site, conversations: Sequence[Conversation]) -> None:
    for conversation in conversations:
        for name in DETAILS:
            setattr(conversation, name, None)
        conversation.custom_fields = {}
    segments = select(Segment.id).where(
        Segment.site_id == site.id, Segment.conversation_id.in_([conversation.id for conversation in conversations])
    )
    query = select(Invitation).where(Invitation.site_id == site.id, Invitation.segment_id.in_(segments))
    for invitation in db.session.scalars(query):
        visitor = invitation.context.get("visitor")
        invitation.context = {**erase_from_context(invitation.context), "visitor": visitor}


def _delete_pictures(site: Site, pictures: Sequence[Screenshot]) -> None:
    _delete_of_votes(site, Screenshot, [picture.vote_id for picture in pictures])


def _delete_ratings(site: Site, votes: Sequence[Vote]) -> None:
    """Delete votes; their counters stay, so that reports of earlier years do not change."""
    ids = [vote.id for vote in votes]
    last_day = max(vote.voted_on for vote in votes)
    if site.ratings_deleted_until is None or site.ratings_deleted_until < last_day:
        site.ratings_deleted_until = last_day
    for model in (CreditedVote, VoteChange, Screenshot):
        _delete_of_votes(site, model, ids)
    db.session.execute(delete(Vote).where(Vote.site_id == site.id, Vote.id.in_(ids)))
    # Lists read the sentiment from the conversation.
    shows_deleted = Conversation.listed_segment_id.in_([vote.segment_id for vote in votes if vote.segment_id])
    db.session.execute(
        update(Conversation)
        .where(Conversation.site_id == site.id, shows_deleted)
        .values(sentiment=None, is_recovered=False)
    )


def _delete_of_votes(site: Site, model: Any, ids: Sequence[UUID]) -> None:
    db.session.execute(delete(model).where(model.site_id == site.id, model.vote_id.in_(ids)))


def _is_old_day(site: Site, before: datetime) -> ColumnElement[bool]:
    return (SubjectDay.site_id == site.id) & (SubjectDay.day < clock.local_day(before, site.time_zone))


def _delete_days(site: Site, days: Sequence[SubjectDay]) -> None:
    keys = [(day.subject_id, day.day) for day in days]
    is_deleted = tuple_(SubjectDay.subject_id, SubjectDay.day).in_(keys)
    db.session.execute(delete(SubjectDay).where(SubjectDay.site_id == site.id, is_deleted))


RETAINED = {
    "comments": Retained(Vote, (_has_comment, _has_answer_alone), _delete_comments),
    "contacts": Retained(Vote, (_has_contact,), _delete_contacts),
    "pictures": Retained(Screenshot, (_is_old_picture,), _delete_pictures),
    "messages": Retained(Message, (_is_old_message,), _delete_texts),
    "details": Retained(Conversation, (_has_details,), _delete_details),
    "ratings": Retained(Vote, (_is_finished_vote,), _delete_ratings),
    "views": Retained(SubjectDay, (_is_old_day,), _delete_days),
}
