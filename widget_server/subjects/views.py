"""Write impressions of subjects, which may create a bounded number of subjects."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from ..core import clock
from ..events.publish import publish
from ..storage.prepared import PreparedQuery
from .service import SUBJECT, count_shown, ensure_subject, find_subject

#: Subjects that impressions may create on one site in 24 hours. Votes create others without this limit.
MAX_NEW_PER_DAY = 10_000


class View(NamedTuple):
    """What is counted: a subject on one day of its site."""

    site_id: UUID
    kind: str
    name: str
    day: date

    @property
    def subject(self) -> tuple[UUID, str, str]:
        return self[:3]


class NewCount(NamedTuple):
    """The row of `_NEW_SUBJECTS`."""

    n: int


_newest_subjects = (
    select(SUBJECT.c.id)
    .where(SUBJECT.c.site_id == bindparam("site"), SUBJECT.c.id >= bindparam("first"))
    .limit(MAX_NEW_PER_DAY)
    .subquery()
)
#: Ids begin with the time of their creation.
_NEW_SUBJECTS = PreparedQuery[NewCount](select(func.count().label("n")).select_from(_newest_subjects))


def write_views(sums: Counter[View], connection: Connection) -> list[tuple[UUID, str, str]]:
    """Add each sum to its counter and publish one event for it. Returns the subjects that exist now.

    They are written in the order of their keys, so that two processes cannot deadlock.
    """
    now, subjects = clock.now(), []
    for view, count in sorted(sums.items()):
        subject_id = find_subject(connection, *view.subject)
        if subject_id is None:
            if not has_room(connection, view.site_id):
                continue
            subject_id = ensure_subject(connection, *view.subject, now)
        subjects.append(view.subject)
        count_shown(connection, view.site_id, subject_id, view.day, count)
        publish(connection, view.site_id, "subject.changed", at=now, subject_id=subject_id)
    return subjects


def has_room(connection: Connection, site_id: UUID) -> bool:
    """Return whether impressions may create another subject of a site today."""
    milliseconds = int((clock.now() - timedelta(days=1)).timestamp() * 1000)
    row = _NEW_SUBJECTS.first(connection, {"site": site_id, "first": UUID(int=milliseconds << 80)})
    return row is not None and row.n < MAX_NEW_PER_DAY
