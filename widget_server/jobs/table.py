"""The one table of periodic work."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Delete, delete, select

from .. import clock
from ..accounts.models import LoginSession
from ..db import db
from ..events.models import Event
from ..invitations.ledger import expire_due
from ..sites.models import Site
from .loop import Job

#: Streams resume within this time; who was away longer reads the pages anew.
EVENTS_KEPT = timedelta(days=7)
MINUTE = 60.0


def expire_invitations() -> int:
    """Questions whose time is over are written down as expired."""
    site_ids = db.session.scalars(select(Site.id).where(Site.removed_at.is_(None))).all()
    return sum(expire_due(site_id, clock.now()) for site_id in site_ids)


def drop_old_events() -> int:
    """The outbox keeps what somebody may still have to read."""
    return _deleted(delete(Event).where(Event.created_at < clock.now() - EVENTS_KEPT))


def drop_old_sessions() -> int:
    """Console sessions that are over are forgotten."""
    return _deleted(delete(LoginSession).where(LoginSession.expires_at < clock.now()))


def _deleted(statement: Delete) -> int:
    return db.session.execute(statement).rowcount  # type: ignore[attr-defined]


JOBS = (
    Job("invitations expired", 5 * MINUTE, expire_invitations),
    Job("old events dropped", 60 * MINUTE, drop_old_events),
    Job("old sessions dropped", 60 * MINUTE, drop_old_sessions),
)
