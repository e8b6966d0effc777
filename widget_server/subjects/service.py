"""Subjects: named by pages, made on the first press or sight. Works on a Core connection or in the session; never
commits.
"""

from __future__ import annotations

import math
import re
import time
from datetime import date, datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from ..core import clock
from ..core.errors import Invalid
from ..events.publish import publish
from ..storage.counters import add_to_count
from ..storage.db import new_id, table_of
from ..storage.prepared import Prepared, Transaction
from .models import Subject, SubjectDay

SUBJECT = table_of(Subject)
SUBJECT_DAY = table_of(SubjectDay)
KINDS = ("article", "page", "order")
MAX_NAME_LENGTH = 500
#: A process tells of one subject's counts at most so often.
TELL_SECONDS = 2.0
MAX_CACHED = 10_000
#: When each subject was last told of, by the process's own clock.
_told_at: dict[tuple[UUID, UUID], float] = {}
#: Bytes beyond ASCII as browsers send them in a path.
ENCODED_LETTERS = re.compile("(?:%[89A-F][0-9A-F])+", re.IGNORECASE)
_NAMED = Prepared(
    select(SUBJECT.c.id).where(
        SUBJECT.c.site_id == bindparam("site"),
        SUBJECT.c.kind == bindparam("kind"),
        SUBJECT.c.subject == bindparam("subject"),
    )
)


def name_of(kind: str, subject: str) -> str:
    """The name a subject is kept under: an article or page is its path, without query and fragment, which may hold
    secrets, and in letters that people read.
    """
    if kind not in ("article", "page"):
        return _not_too_long(subject)
    try:
        path = urlsplit(subject).path if "//" in subject[:8] or "?" in subject or "#" in subject else subject
    except ValueError as error:
        raise Invalid("The subject is no address.", pointer="/subject") from error
    if not path:
        raise Invalid("Say what is rated: the subject is empty.", pointer="/subject")
    return _not_too_long(ENCODED_LETTERS.sub(_decoded, path))


def _decoded(found: re.Match[str]) -> str:
    """Letters beyond ASCII as themselves; what is no UTF-8 stays as it was sent."""
    try:
        text = unquote(found[0], errors="strict")
    except UnicodeDecodeError:
        return found[0]
    return text if text.isprintable() else found[0]


def _not_too_long(name: str) -> str:
    if len(name) > MAX_NAME_LENGTH:
        raise Invalid(f"A subject has at most {MAX_NAME_LENGTH} characters.", pointer="/subject")
    return name


def ensure_subject(transaction: Transaction, site_id: UUID, kind: str, subject: str, at: datetime) -> UUID:
    """The id of a subject, made when it is new. Of two at once the second breaks the constraint and runs again."""
    name = name_of(kind, subject)
    found = _NAMED.first_once(transaction, {"site": site_id, "kind": kind, "subject": name})
    if found is not None:
        existing_id: UUID = found.id
        return existing_id
    subject_id = new_id()
    transaction.execute(
        insert(SUBJECT), {"site_id": site_id, "id": subject_id, "kind": kind, "subject": name, "created_at": at}
    )
    return subject_id


def count_shown(transaction: Transaction, site_id: UUID, subject_id: UUID, day: date) -> None:
    """One more view of the question."""
    _count(transaction, site_id, subject_id, day, "shown_count")


def count_dismissed(transaction: Transaction, site_id: UUID, subject_id: UUID, day: date) -> None:
    """One more time that it was put away."""
    _count(transaction, site_id, subject_id, day, "dismissed_count")


def _count(transaction: Transaction, site_id: UUID, subject_id: UUID, day: date, column: str) -> None:
    add_to_count(transaction, SUBJECT_DAY, {"site_id": site_id, "subject_id": subject_id, "day": day}, 1, column)
    if _needs_event(site_id, subject_id):
        publish(transaction, site_id, "subject.changed", at=clock.now(), subject_id=subject_id)


def _needs_event(site_id: UUID, subject_id: UUID) -> bool:
    """Not each time: there are a hundred views to an answer, and a page that stays open reads them all with the next.
    What it lacks meanwhile are views of the last seconds.
    """
    now, key = time.monotonic(), (site_id, subject_id)
    if now - _told_at.get(key, -math.inf) < TELL_SECONDS:
        return False
    if len(_told_at) >= MAX_CACHED:
        _told_at.clear()
    _told_at[key] = now
    return True
