"""Recent erasures of visitors, by which an answer that was given before one and arrives after it is recognized."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Delete, bindparam, delete, select

from ..core import clock, tokens
from ..storage.db import db, table_of
from ..storage.prepared import PreparedQuery, Transaction
from .models import ErasedVisitor

ERASED = table_of(ErasedVisitor)
#: An erasure is remembered for longer than a browser keeps an unsent answer.
RETENTION = clock.MAX_PRESS_AGE + timedelta(hours=1)
_ERASURE = PreparedQuery[ErasedVisitor](
    select(ERASED).where(ERASED.c.site_id == bindparam("site"), ERASED.c.person_hash == bindparam("person"))
)


def hash_person(site_id: UUID, external_id: str) -> str:
    """Return the hash by which an erased visitor of a site is recognized."""
    return tokens.digest(f"{site_id}/{external_id}")


def remember_erasure(site_id: UUID, external_id: str, at: datetime) -> None:
    """Store that a visitor was erased, in place of an earlier erasure."""
    db.session.merge(ErasedVisitor(site_id=site_id, person_hash=hash_person(site_id, external_id), erased_at=at))
    db.session.flush()


def find_erasure(transaction: Transaction, site_id: UUID, person_hash: str) -> datetime | None:
    """Return when the visitor with this hash was erased, or None if it was not or is not remembered."""
    row = _ERASURE.first(transaction, {"site": site_id, "person": person_hash})
    return None if row is None else row.erased_at


def forget_old_erasures(now: datetime) -> Delete:
    """Return the statement that deletes erasures that no unsent answer can precede any more."""
    return delete(ErasedVisitor).where(ErasedVisitor.erased_at < now - RETENTION)
