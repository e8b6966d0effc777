"""Subjects, created on the first vote or impression.

Functions work on a Core connection or in the session, and never commit.
"""

from __future__ import annotations

import math
import time
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from ..core import clock
from ..events.publish import publish
from ..storage.counters import add_to_count
from ..storage.db import new_id, table_of
from ..storage.prepared import PreparedQuery, Transaction
from .models import Subject, SubjectDay
from .names import to_name

SUBJECT = table_of(Subject)
SUBJECT_DAY = table_of(SubjectDay)
KINDS = ("article", "page", "order")
#: The minimum time between two events of a process about one subject's counts.
EVENT_INTERVAL_SECONDS = 2.0
MAX_CACHED = 10_000
#: The time of the last event about each subject, by the process's monotonic clock.
_last_event_at: dict[tuple[UUID, UUID], float] = {}


class SubjectId(Protocol):
    """A row of `_ID_BY_NAME`."""

    id: UUID


_ID_BY_NAME = PreparedQuery[SubjectId](
    select(SUBJECT.c.id).where(
        SUBJECT.c.site_id == bindparam("site"),
        SUBJECT.c.kind == bindparam("kind"),
        SUBJECT.c.subject == bindparam("subject"),
    )
)


def ensure_subject(transaction: Transaction, site_id: UUID, kind: str, subject: str, at: datetime) -> UUID:
    """Return the id of a subject, and create it if it is new.

    If two transactions create it concurrently, the second violates the constraint and runs again.
    """
    name = to_name(kind, subject)
    known_id = find_subject(transaction, site_id, kind, name)
    if known_id is not None:
        return known_id
    subject_id = new_id()
    transaction.execute(
        insert(SUBJECT), {"site_id": site_id, "id": subject_id, "kind": kind, "subject": name, "created_at": at}
    )
    return subject_id


def find_subject(transaction: Transaction, site_id: UUID, kind: str, name: str) -> UUID | None:
    """Return the id of a subject by its stored name, or None."""
    row = _ID_BY_NAME.first_once(transaction, {"site": site_id, "kind": kind, "subject": name})
    return None if row is None else row.id


def count_shown(transaction: Transaction, site_id: UUID, subject_id: UUID, day: date, count: int = 1) -> None:
    """Count impressions of the survey. Those of pages are summed first (widget/view_sums.py)."""
    key = {"site_id": site_id, "subject_id": subject_id, "day": day}
    add_to_count(transaction, SUBJECT_DAY, key, count, "shown_count")


def count_dismissed(transaction: Transaction, site_id: UUID, subject_id: UUID, day: date) -> None:
    """Count one dismissal of the survey."""
    key = {"site_id": site_id, "subject_id": subject_id, "day": day}
    add_to_count(transaction, SUBJECT_DAY, key, 1, "dismissed_count")
    if _needs_event(site_id, subject_id):
        publish(transaction, site_id, "subject.changed", at=clock.now(), subject_id=subject_id)


def _needs_event(site_id: UUID, subject_id: UUID) -> bool:
    """Return whether a changed count is published.

    An open page receives the dismissals of the last seconds with the next event.
    """
    now, key = time.monotonic(), (site_id, subject_id)
    if now - _last_event_at.get(key, -math.inf) < EVENT_INTERVAL_SECONDS:
        return False
    if len(_last_event_at) >= MAX_CACHED:
        _last_event_at.clear()
    _last_event_at[key] = now
    return True
