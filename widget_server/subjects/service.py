"""Subjects, created on the first vote or impression.

Functions work on a Core connection or in the session, and never commit.
"""

from __future__ import annotations

import math
import re
import time
from datetime import date, datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from ..core import clock
from ..core.errors import Invalid
from ..events.publish import publish
from ..storage.counters import add_to_count
from ..storage.db import new_id, table_of
from ..storage.prepared import PreparedQuery, Transaction
from .models import Subject, SubjectDay

SUBJECT = table_of(Subject)
SUBJECT_DAY = table_of(SubjectDay)
KINDS = ("article", "page", "order")
MAX_NAME_LENGTH = 500
#: The minimum time between two events of a process about one subject's counts.
EVENT_INTERVAL_SECONDS = 2.0
MAX_CACHED = 10_000
#: The time of the last event about each subject, by the process's monotonic clock.
_last_event_at: dict[tuple[UUID, UUID], float] = {}
#: Bytes outside ASCII as browsers send them in a path.
ENCODED_LETTERS = re.compile("(?:%[89A-F][0-9A-F])+", re.IGNORECASE)


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


def to_name(kind: str, subject: str) -> str:
    """Return the stored name of a subject.

    An article or page is named by its path with readable letters, and without query and fragment, which may contain
    secrets.

    Raises:
        Invalid: the subject is malformed, empty or too long.
    """
    if kind not in ("article", "page"):
        return _check_length(subject)
    try:
        path = urlsplit(subject).path if "//" in subject[:8] or "?" in subject or "#" in subject else subject
    except ValueError as error:
        raise Invalid("Subject is not a valid address; send the path of the page.", pointer="/subject") from error
    if not path:
        raise Invalid("Subject must not be empty; send the path of the page.", pointer="/subject")
    return _check_length(ENCODED_LETTERS.sub(_decode_letters, path))


def _decode_letters(encoded: re.Match[str]) -> str:
    """Return percent-encoded letters decoded, or unchanged if they are not printable UTF-8."""
    try:
        text = unquote(encoded[0], errors="strict")
    except UnicodeDecodeError:
        return encoded[0]
    return text if text.isprintable() else encoded[0]


def _check_length(name: str) -> str:
    if len(name) > MAX_NAME_LENGTH:
        raise Invalid(f"Subject must have at most {MAX_NAME_LENGTH} characters.", pointer="/subject")
    return name


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
