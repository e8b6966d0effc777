"""Refused sign-ins in the audit log, without letting strangers fill it. Flushes, never commits.

Each attempt on an account is an entry; the limits of an account bound them. Attempts with unknown addresses come from
any number of sources: the first ones of an hour are entries, and the others are counted, so that each attempt still
writes and takes about the same time. One entry for each hour has their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from ..core import clock
from ..storage.db import db
from . import audit
from .account_trail import name_of
from .actors import Actor
from .refusal_models import RefusedSignIn
from .users import find_user

#: Entries of unknown addresses in each hour.
MAX_ENTRIES_PER_HOUR = 20
UNKNOWN_ADDRESS = "unknown address"
NOT_SIGNED_IN = Actor("unknown", "Not signed in")


def record_refusal(email: str, **detail: str) -> None:
    """Record a refused sign-in.

    An address without an account is not stored, because people type passwords into the wrong field.
    """
    user = find_user(email)
    if user is not None:
        _record(name_of(user), **detail)
    elif _count_unknown(clock.now()) <= MAX_ENTRIES_PER_HOUR:
        _record(UNKNOWN_ADDRESS, **detail)


def record_counted() -> Iterator[int]:
    """Record how many refusals of each past hour have no entry, and forget the hours."""
    past = RefusedSignIn.hour < _start_of_hour(clock.now())
    for row in db.session.scalars(select(RefusedSignIn).where(past).with_for_update()).all():
        if row.count > MAX_ENTRIES_PER_HOUR:
            _record(UNKNOWN_ADDRESS, count=row.count - MAX_ENTRIES_PER_HOUR, hour=row.hour.isoformat())
        db.session.delete(row)
        db.session.flush()
        yield 1


def _count_unknown(now: datetime) -> int:
    """Count an attempt with an unknown address, and return the number of this hour."""
    hour = _start_of_hour(now)
    row = db.session.get(RefusedSignIn, hour, with_for_update=True)
    if row is None:
        row = RefusedSignIn(hour=hour, count=0)
        db.session.add(row)
    row.count += 1
    db.session.flush()
    return row.count


def _start_of_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _record(target: str, **detail: str | int) -> None:
    audit.record(None, actor=NOT_SIGNED_IN, action="sign_in.refused", target=target, detail=detail)
