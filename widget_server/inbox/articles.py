"""Ratings of articles and other subjects, as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from ..ratings.models import Screenshot, Vote
from ..ratings.screenshots import StoredScreenshot, screenshots_of
from ..ratings.tally_models import SubjectTally
from ..storage.prepared import AnySession
from ..subjects.models import Subject, SubjectDay
from ..surveys.models import Survey, SurveyRevision
from ..surveys.scales import SCALES, SENTIMENTS, THUMBS, Sentiment
from .answers import Answer, to_answer
from .load_ratings import WordedColumns, exclusion_of, to_revision_texts, worded_votes
from .transcripts import Exclusion, to_suspicion

LATEST_COMMENTS = 3


@dataclass(frozen=True)
class CommentLine:
    """A vote with a comment, a screenshot or both."""

    vote_id: UUID
    answer: Answer | None
    #: None if the visitor added only a screenshot.
    text: str | None
    at: datetime
    verified: bool
    screenshot: StoredScreenshot | None
    excluded: Exclusion | None
    #: The reason why the vote is suspected, in words.
    suspicion: str | None


@dataclass(frozen=True)
class ArticleRow:
    """A subject with its counted answers. `impressions` is written in batches, so a crash may lose some seconds."""

    id: UUID
    kind: str
    subject: str
    #: Whether every answer is a thumb. Thumbs have no neutral score, so the page shows no neutral count.
    is_thumbs: bool
    counts: dict[Sentiment, int]
    impressions: int
    dismissed: int
    #: Votes that are not counted, because they may be automated.
    suspected: int
    #: Newest first.
    comments: list[CommentLine]

    @property
    def answered(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class ArticlePage:
    """A part of the list of subjects."""

    rows: list[ArticleRow]
    #: The number of subjects of this kind.
    total: int


def find_articles(
    session: AnySession, site_id: UUID, *, kind: str = "article", offset: int = 0, limit: int = 50
) -> ArticlePage:
    """Return the subjects of a kind, those with the most answers first."""
    of_kind = (Subject.site_id == site_id, Subject.kind == kind)
    total = session.scalar(select(func.count()).select_from(Subject).where(*of_kind)) or 0
    answered = (
        select(SubjectTally.subject_id, func.sum(SubjectTally.n).label("n"))
        .where(SubjectTally.site_id == site_id, SubjectTally.status == "counted")
        .group_by(SubjectTally.subject_id)
        .subquery()
    )
    ordered = (
        select(Subject)
        .outerjoin(answered, answered.c.subject_id == Subject.id)
        .where(*of_kind)
        .order_by(func.coalesce(answered.c.n, 0).desc(), Subject.subject)
    )
    subjects = session.scalars(ordered.offset(offset).limit(limit)).all()
    ids = [subject.id for subject in subjects]
    counts, impressions = count_answers(session, site_id, ids), count_impressions(session, site_id, ids)
    suspected = count_suspected(session, site_id, ids)
    comments, current_scale = load_comments(session, site_id, ids), find_current_scale(session, site_id)
    rows = [
        ArticleRow(
            id=subject.id,
            kind=subject.kind,
            subject=subject.subject,
            is_thumbs={scale for scale, _ in counts[subject.id]} <= {THUMBS.name}
            if counts[subject.id]
            else current_scale == THUMBS.name,
            counts=sum_by_sentiment(counts[subject.id]),
            impressions=impressions[subject.id][0],
            dismissed=impressions[subject.id][1],
            suspected=suspected.get(subject.id, 0),
            comments=comments[subject.id],
        )
        for subject in subjects
    ]
    return ArticlePage(rows, total)


def sum_by_sentiment(counts: dict[tuple[str, int], int]) -> dict[Sentiment, int]:
    """Return the number of answers of each sentiment, from counts by scale and score."""
    sums: dict[Sentiment, int] = dict.fromkeys(SENTIMENTS.values(), 0)
    for (scale, score), n in counts.items():
        sums[SCALES[scale].sentiment(score)] += n
    return sums


def find_current_scale(session: AnySession, site_id: UUID) -> str | None:
    """Return the scale of the newest open survey for articles."""
    return session.scalar(
        select(SurveyRevision.scale)
        .join(Survey, (Survey.site_id == SurveyRevision.site_id) & (Survey.id == SurveyRevision.survey_id))
        .where(SurveyRevision.site_id == site_id, Survey.placement == "article", Survey.closed_at.is_(None))
        .order_by(Survey.created_at.desc(), SurveyRevision.number.desc())
        .limit(1)
    )


def count_answers(session: AnySession, site_id: UUID, ids: Collection[UUID]) -> dict[UUID, dict[tuple[str, int], int]]:
    """Return the counted answers of each subject by scale and score, from the counters."""
    counts: dict[UUID, dict[tuple[str, int], int]] = defaultdict(dict)
    rows = session.execute(
        select(SubjectTally.subject_id, SurveyRevision.scale, SubjectTally.score, func.sum(SubjectTally.n))
        .join(
            SurveyRevision,
            (SurveyRevision.site_id == SubjectTally.site_id) & (SurveyRevision.id == SubjectTally.revision_id),
        )
        .where(SubjectTally.site_id == site_id, SubjectTally.subject_id.in_(ids), SubjectTally.status == "counted")
        .group_by(SubjectTally.subject_id, SurveyRevision.scale, SubjectTally.score)
    )
    for subject_id, scale, score, n in rows:
        counts[subject_id][scale, score] = n
    return counts


def count_suspected(session: AnySession, site_id: UUID, ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the number of suspected votes of each subject that has some, from the counters."""
    query = (
        select(SubjectTally.subject_id, func.sum(SubjectTally.n))
        .where(SubjectTally.site_id == site_id, SubjectTally.subject_id.in_(ids), SubjectTally.status == "suspected")
        .group_by(SubjectTally.subject_id)
    )
    return {subject_id: n for subject_id, n in session.execute(query) if n}


def count_impressions(session: AnySession, site_id: UUID, ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return (impressions, dismissals) of each subject."""
    rows = session.execute(
        select(SubjectDay.subject_id, func.sum(SubjectDay.shown_count), func.sum(SubjectDay.dismissed_count))
        .where(SubjectDay.site_id == site_id, SubjectDay.subject_id.in_(ids))
        .group_by(SubjectDay.subject_id)
    )
    counts: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    counts.update((subject_id, (impressions, dismissals)) for subject_id, impressions, dismissals in rows)
    return counts


def load_comments(session: AnySession, site_id: UUID, ids: Collection[UUID]) -> dict[UUID, list[CommentLine]]:
    """Return the latest comments and screenshots of each subject, newest first."""
    newest_ids = {vote_id for row in session.execute(select_newest(site_id, ids)) for vote_id in row if vote_id}
    rows = session.execute(worded_votes(site_id).where(Vote.id.in_(newest_ids))).all() if newest_ids else []
    pictures = screenshots_of(session, site_id, newest_ids)
    comments: dict[UUID, list[CommentLine]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (one[0].changed_at, one[0].id), reverse=True):
        vote = row[0]
        assert vote.subject_id is not None
        if len(comments[vote.subject_id]) < LATEST_COMMENTS:
            comments[vote.subject_id].append(to_line(row, pictures.get(vote.id)))
    return comments


def select_newest(site_id: UUID, ids: Collection[UUID]) -> Select[*tuple[UUID | None, ...]]:
    """Select the newest votes with a comment and the newest with a screenshot, as columns of a row for each subject.

    Each column reads one entry of an index, so the time does not grow with the votes of a subject.
    """
    with_comment = (
        select(Vote.id)
        .where(Vote.site_id == Subject.site_id, Vote.subject_id == Subject.id, Vote.comment.is_not(None))
        .order_by(Vote.changed_at.desc(), Vote.id.desc())
    )
    with_screenshot = (
        select(Screenshot.vote_id)
        .where(Screenshot.site_id == Subject.site_id, Screenshot.subject_id == Subject.id)
        .order_by(Screenshot.stored_at.desc(), Screenshot.vote_id.desc())
    )
    columns = [
        query.offset(place).limit(1).correlate(Subject).scalar_subquery()
        for query in (with_comment, with_screenshot)
        for place in range(LATEST_COMMENTS)
    ]
    return select(*columns).where(Subject.site_id == site_id, Subject.id.in_(ids))


def to_line(row: Row[*WordedColumns], screenshot: StoredScreenshot | None) -> CommentLine:
    """Return the line of a worded vote."""
    vote = row[0]
    return CommentLine(
        vote_id=vote.id,
        answer=None if vote.score is None else to_answer(vote.score, to_revision_texts(*row[1:])),
        text=vote.comment,
        at=vote.changed_at,
        verified=vote.verified,
        screenshot=screenshot,
        excluded=exclusion_of(vote),
        suspicion=to_suspicion(vote.status, vote.suspicion_reason),
    )
