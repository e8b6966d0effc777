"""What readers thought of articles and other subjects, as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from ..ratings.models import Screenshot, SubjectTally, Vote
from ..ratings.screenshots import StoredScreenshot, screenshots_of
from ..storage.prepared import AnySession
from ..subjects.models import Subject, SubjectDay
from ..surveys.models import Survey, SurveyRevision
from ..surveys.scales import SCALES, SENTIMENTS, THUMBS, Sentiment
from .answers import Answer, to_answer
from .load_ratings import exclusion_of, to_revision_texts, worded_votes
from .transcripts import Exclusion, suspicion_of

LATEST_COMMENTS = 3


@dataclass(frozen=True)
class CommentLine:
    vote_id: UUID
    answer: Answer | None
    #: None where the reader only showed the screen.
    text: str | None
    at: datetime
    verified: bool
    screenshot: StoredScreenshot | None
    excluded: Exclusion | None
    #: That it is not counted for another reason, in words.
    suspicion: str | None


@dataclass(frozen=True)
class ArticleRow:
    """A subject with its counted answers. `shown` is counted by day and may miss seconds of a crash."""

    id: UUID
    kind: str
    subject: str
    #: Whether every answer is a thumb: then there is nothing in the middle to count.
    is_thumbs: bool
    counts: dict[Sentiment, int]
    shown: int
    dismissed: int
    #: Newest first.
    comments: list[CommentLine]

    @property
    def answered(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class ArticlePage:
    rows: list[ArticleRow]
    #: How many there are in all.
    total: int


def articles(
    session: AnySession, site_id: UUID, *, kind: str = "article", offset: int = 0, limit: int = 50
) -> ArticlePage:
    """The most answered first."""
    own = (Subject.site_id == site_id, Subject.kind == kind)
    total = session.scalar(select(func.count()).select_from(Subject).where(*own)) or 0
    answered = (
        select(SubjectTally.subject_id, func.sum(SubjectTally.n).label("n"))
        .where(SubjectTally.site_id == site_id, SubjectTally.status == "counted")
        .group_by(SubjectTally.subject_id)
        .subquery()
    )
    found = session.scalars(
        select(Subject)
        .outerjoin(answered, answered.c.subject_id == Subject.id)
        .where(*own)
        .order_by(func.coalesce(answered.c.n, 0).desc(), Subject.subject)
        .offset(offset)
        .limit(limit)
    ).all()
    ids = [subject.id for subject in found]
    counts, days = counts_of(session, site_id, ids), days_of(session, site_id, ids)
    comments, asked = comments_of(session, site_id, ids), scale_of_today(session, site_id)
    rows = [
        ArticleRow(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            is_thumbs={scale for scale, _ in counts[row.id]} <= {THUMBS.name}
            if counts[row.id]
            else asked == THUMBS.name,
            counts=by_sentiment(counts[row.id]),
            shown=days[row.id][0],
            dismissed=days[row.id][1],
            comments=comments[row.id],
        )
        for row in found
    ]
    return ArticlePage(rows, total)


def by_sentiment(counts: dict[tuple[str, int], int]) -> dict[Sentiment, int]:
    found: dict[Sentiment, int] = dict.fromkeys(SENTIMENTS.values(), 0)
    for (scale, score), n in counts.items():
        found[SCALES[scale].sentiment(score)] += n
    return found


def scale_of_today(session: AnySession, site_id: UUID) -> str | None:
    """How readers are asked now."""
    return session.scalar(
        select(SurveyRevision.scale)
        .join(Survey, (Survey.site_id == SurveyRevision.site_id) & (Survey.id == SurveyRevision.survey_id))
        .where(SurveyRevision.site_id == site_id, Survey.placement == "article", Survey.closed_at.is_(None))
        .order_by(Survey.created_at.desc(), SurveyRevision.number.desc())
        .limit(1)
    )


def counts_of(session: AnySession, site_id: UUID, ids: Collection[UUID]) -> dict[UUID, dict[tuple[str, int], int]]:
    """Counted answers by scale and score, from the tallies."""
    found: dict[UUID, dict[tuple[str, int], int]] = defaultdict(dict)
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
        found[subject_id][scale, score] = n
    return found


def days_of(session: AnySession, site_id: UUID, ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """(shown, dismissed) of each."""
    rows = session.execute(
        select(SubjectDay.subject_id, func.sum(SubjectDay.shown_count), func.sum(SubjectDay.dismissed_count))
        .where(SubjectDay.site_id == site_id, SubjectDay.subject_id.in_(ids))
        .group_by(SubjectDay.subject_id)
    )
    found: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    found.update((subject_id, (shown, dismissed)) for subject_id, shown, dismissed in rows)
    return found


def comments_of(session: AnySession, site_id: UUID, ids: Collection[UUID]) -> dict[UUID, list[CommentLine]]:
    """The latest comments and screenshots of each, newest first."""
    place = func.row_number().over(partition_by=Vote.subject_id, order_by=(Vote.changed_at.desc(), Vote.id.desc()))
    ranked = (
        select(Vote.id, place.label("place"))
        .outerjoin(Screenshot, (Screenshot.site_id == Vote.site_id) & (Screenshot.vote_id == Vote.id))
        .where(Vote.site_id == site_id, Vote.subject_id.in_(ids))
        .where(Vote.comment.is_not(None) | Screenshot.name.is_not(None))
        .subquery()
    )
    wanted = (
        worded_votes(site_id)
        .join(ranked, ranked.c.id == Vote.id)
        .where(ranked.c.place <= LATEST_COMMENTS)
        .order_by(ranked.c.place)
    )
    found: dict[UUID, list[CommentLine]] = defaultdict(list)
    rows = session.execute(wanted).all()
    pictures = screenshots_of(session, site_id, [row[0].id for row in rows])
    for row in rows:
        vote = row[0]
        assert vote.subject_id is not None
        answer = None if vote.score is None else to_answer(vote.score, to_revision_texts(*row[1:]))
        line = CommentLine(
            vote_id=vote.id,
            answer=answer,
            text=vote.comment,
            at=vote.changed_at,
            verified=vote.verified,
            screenshot=pictures.get(vote.id),
            excluded=exclusion_of(vote),
            suspicion=suspicion_of(vote.status, vote.suspicion_reason),
        )
        found[vote.subject_id].append(line)
    return found
