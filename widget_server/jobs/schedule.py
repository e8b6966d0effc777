"""The table of all periodic jobs."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Delete, Update, delete, select, tuple_

from ..accounts.audit_chain import list_anchors
from ..accounts.models import AccountLink, LoginSession
from ..accounts.refusals import record_counted
from ..core import clock
from ..events import consumers
from ..events.models import Event
from ..invitations.transitions import expire_due
from ..outbound import deliveries
from ..page_checks.service import drop_old_checks
from ..privacy.retention import delete_due
from ..ratings.models import Screenshot
from ..ratings.surges import find_surges, forget_old_hours
from ..sites.models import Site
from ..sites.removal import restorable_since
from ..storage.db import db
from ..visitors.erasures import forget_old_erasures
from .loop import Job

log = logging.getLogger("tilfreds.jobs")

#: A stream resumes within this time; a page that was away for longer reloads.
EVENT_RETENTION = timedelta(days=7)
MINUTE = 60.0
ANCHOR_INTERVAL = timedelta(days=1)
#: A run may be late, and no entry between two runs may be left out.
ANCHOR_OVERLAP = timedelta(hours=1)
#: A batch should end within milliseconds. An expired invitation writes a row, two counts and an event.
EVENTS_PER_BATCH = 500
INVITATIONS_PER_BATCH = 50
#: A picture may have a megabyte.
SCREENSHOTS_PER_BATCH = 20


def expire_invitations() -> Iterator[int]:
    """Mark invitations as expired whose time is over."""
    site_ids = db.session.scalars(select(Site.id).where(Site.removed_at.is_(None))).all()
    for site_id in site_ids:
        while expired_count := expire_due(site_id, clock.now(), max_count=INVITATIONS_PER_BATCH):
            yield expired_count


def drop_old_events() -> Iterator[int]:
    """Delete old events that every consumer has consumed.

    Ids are almost in time order, so the oldest events come first. An index on time would slow down every vote.
    """
    cutoff, last_id = clock.now() - EVENT_RETENTION, 0
    is_passed = consumers.is_passed(db.session)
    while ids := _find_next_ids(last_id):
        first_id, last_id = ids[0], ids[-1]
        deleted_count = _count_rows(
            delete(Event).where(Event.id.between(first_id, last_id), Event.created_at < cutoff, is_passed)
        )
        if not deleted_count:
            return
        yield deleted_count


def _find_next_ids(after: int) -> Sequence[int]:
    query = select(Event.id).where(Event.id > after).order_by(Event.id).limit(EVENTS_PER_BATCH)
    return db.session.scalars(query).all()


def drop_old_sessions() -> Iterator[int]:
    """Delete expired console sessions and links, in one batch each as people rarely sign in."""
    for model in (LoginSession, AccountLink):
        yield _count_rows(delete(model).where(model.expires_at < clock.now()))


def _count_rows(statement: Delete | Update) -> int:
    row_count: int = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
    return row_count


def drop_old_erasures() -> Iterator[int]:
    """Forget the hashes of erased visitors once no answer from before the erasure can arrive any more."""
    yield _count_rows(forget_old_erasures(clock.now()))


def drop_old_deliveries() -> Iterator[int]:
    """Delete deliveries that ended long ago, and what expired ones contain."""
    now = clock.now()
    yield _count_rows(deliveries.forget_expired_payloads(now))
    yield _count_rows(deliveries.drop_finished(now))


def drop_screenshots_of_removed_sites() -> Iterator[int]:
    """Delete the screenshots of sites that can no longer be restored."""
    removed_sites = select(Site.id).where(Site.removed_at < restorable_since())
    key = tuple_(Screenshot.site_id, Screenshot.vote_id)
    some = select(Screenshot.site_id, Screenshot.vote_id).where(Screenshot.site_id.in_(removed_sites))
    while rows := db.session.execute(some.limit(SCREENSHOTS_PER_BATCH)).all():
        yield _count_rows(delete(Screenshot).where(key.in_([tuple(row) for row in rows])))


def drop_old_hours() -> Iterator[int]:
    """Delete old hourly counts of anonymous votes, a site in each batch."""
    for site_id in db.session.scalars(select(Site.id)).all():
        yield _count_rows(forget_old_hours(site_id, clock.now()))


def drop_old_page_checks() -> Iterator[int]:
    """Delete the results of page checks, in one batch as people rarely start one."""
    yield _count_rows(drop_old_checks(clock.now()))


def delete_old_data() -> Iterator[int]:
    """Delete data of each site whose period of retention is over."""
    for site in db.session.scalars(select(Site)).all():
        yield from delete_due(site)


def log_audit_anchors() -> Iterator[int]:
    """Log the newest entry of each chain of the audit log that grew.

    The log is often sent to another machine, where it shows later that entries were removed.
    """
    for anchor in list_anchors(db.session.connection(), since=clock.now() - ANCHOR_OVERLAP - ANCHOR_INTERVAL):
        log.info("audit anchor %s", anchor)
    yield 0


JOBS = (
    Job("votes of surges marked", MINUTE, find_surges),
    Job("invitations expired", 5 * MINUTE, expire_invitations),
    Job("old events dropped", 60 * MINUTE, drop_old_events),
    Job("refused sign-ins recorded", 60 * MINUTE, record_counted),
    Job("old sessions dropped", 60 * MINUTE, drop_old_sessions),
    Job("old deliveries dropped", 60 * MINUTE, drop_old_deliveries),
    Job("old erasures forgotten", 60 * MINUTE, drop_old_erasures),
    Job("screenshots of removed sites deleted", 60 * MINUTE, drop_screenshots_of_removed_sites),
    Job("old page checks dropped", 60 * MINUTE, drop_old_page_checks),
    Job("old hourly counts dropped", 60 * MINUTE, drop_old_hours),
    Job("data beyond its retention deleted", 6 * 60 * MINUTE, delete_old_data),
    Job("audit anchors logged", ANCHOR_INTERVAL.total_seconds(), log_audit_anchors),
)
