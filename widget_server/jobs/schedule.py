"""The one table of periodic work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Delete, delete, select

from ..accounts.models import LoginSession
from ..core import clock
from ..events import consumers
from ..events.models import Event
from ..invitations.transitions import expire_due
from ..sites.models import Site
from ..storage.db import db
from .loop import Job

#: Streams resume within this time; who was away longer reads the pages anew.
EVENTS_KEPT = timedelta(days=7)
MINUTE = 60.0
#: A batch is to be over in some milliseconds. A question that runs out of time takes a row, two counts and an event.
EVENTS_PER_BATCH = 500
INVITATIONS_PER_BATCH = 50


def expire_invitations() -> Iterator[int]:
    """Questions whose time is over are written down as expired."""
    site_ids = db.session.scalars(select(Site.id).where(Site.removed_at.is_(None))).all()
    for site_id in site_ids:
        while expired := expire_due(site_id, clock.now(), most=INVITATIONS_PER_BATCH):
            yield expired


def drop_old_events() -> Iterator[int]:
    """Delete old events that every consumer has taken.

    Ids nearly follow time, so the old ones come first. An index of times would cost every vote.
    """
    oldest_kept, last = clock.now() - EVENTS_KEPT, 0
    is_passed = consumers.is_passed(db.session)
    while ids := _next_ids(last):
        first, last = ids[0], ids[-1]
        dropped = _deleted(
            delete(Event).where(Event.id.between(first, last), Event.created_at < oldest_kept, is_passed)
        )
        if not dropped:
            return
        yield dropped


def _next_ids(after: int) -> Sequence[int]:
    wanted = select(Event.id).where(Event.id > after).order_by(Event.id).limit(EVENTS_PER_BATCH)
    return db.session.scalars(wanted).all()


def drop_old_sessions() -> Iterator[int]:
    """Console sessions that are over are forgotten. One batch: each is a person who signed in."""
    yield _deleted(delete(LoginSession).where(LoginSession.expires_at < clock.now()))


def _deleted(statement: Delete) -> int:
    deleted: int = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
    return deleted


JOBS = (
    Job("invitations expired", 5 * MINUTE, expire_invitations),
    Job("old events dropped", 60 * MINUTE, drop_old_events),
    Job("old sessions dropped", 60 * MINUTE, drop_old_sessions),
)
