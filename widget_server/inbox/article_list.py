"""Articles by name, and their counts over some days, for the list of the console."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Row, func, select

from ..core.text import fold
from ..ratings.tally_models import SubjectTally
from ..storage.prepared import AnySession
from ..subjects.models import Subject, SubjectDay

#: The id and the path of an article.
ArticleName = Row[UUID, str]


def find_article_names(
    session: AnySession, site_id: UUID, *, offset: int = 0, limit: int | None = None
) -> Sequence[ArticleName]:
    """Return the articles of a site, ordered by path."""
    query = select(Subject.id, Subject.subject).where(Subject.site_id == site_id, Subject.kind == "article")
    return session.execute(query.order_by(Subject.subject).offset(offset).limit(limit)).all()


def search_article_names(session: AnySession, site_id: UUID, words: str) -> list[ArticleName]:
    """Return the articles whose path contains every word, ordered by path."""
    folded_words = fold(words).split()
    return [
        article
        for article in find_article_names(session, site_id)
        if all(word in fold(article.subject) for word in folded_words)
    ]


def count_articles(session: AnySession, site_id: UUID) -> int:
    query = select(func.count()).select_from(Subject).where(Subject.site_id == site_id, Subject.kind == "article")
    return session.scalar(query) or 0


def count_views(
    session: AnySession, site_id: UUID, since: date, until: date, ids: Collection[UUID] | None = None
) -> dict[UUID, int]:
    """Return the views of each subject that has some; of all subjects without `ids`.

    They are written in batches, so a crash may lose some seconds.
    """
    is_listed = SubjectDay.subject_id.in_(select(Subject.id).where(Subject.site_id == site_id) if ids is None else ids)
    query = (
        select(SubjectDay.subject_id, func.sum(SubjectDay.shown_count))
        .where(SubjectDay.site_id == site_id, is_listed, SubjectDay.day >= since, SubjectDay.day < until)
        .group_by(SubjectDay.subject_id)
    )
    return {subject_id: int(n) for subject_id, n in session.execute(query)}


def count_suspected_votes(
    session: AnySession, site_id: UUID, since: date, until: date, ids: Collection[UUID]
) -> dict[UUID, int]:
    """Return the number of suspected votes of each subject that has some."""
    tally = SubjectTally
    query = (
        select(tally.subject_id, func.sum(tally.n))
        .where(tally.site_id == site_id, tally.subject_id.in_(ids), tally.status == "suspected")
        .where(tally.voted_on >= since, tally.voted_on < until)
        .group_by(tally.subject_id)
    )
    return {subject_id: int(n) for subject_id, n in session.execute(query) if n}
