"""Remove sites, and restore them within some days. Functions flush and never commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ..core import clock
from ..core.errors import Conflict, NotFound
from ..storage.db import db
from .models import Site
from .service import bump_version, find_by_key

RESTORE_DAYS = 7


def remove_site(site: Site) -> None:
    """Mark the site as removed: its file becomes empty and it accepts no more votes. Its votes stay.

    Its screenshots are deleted once it can no longer be restored (jobs/schedule.py).
    """
    site.removed_at = clock.now()
    bump_version(site)
    db.session.flush()


def restore_site(site: Site) -> None:
    """Take the removal of a site back: its tag, its keys and its pages of the console work again.

    Raises: Conflict: the site is not removed, or it was removed too long ago.
    """
    db.session.refresh(site, with_for_update=True)
    if site.removed_at is None:
        raise Conflict("The site is not removed.", code="not_removed")
    if site.removed_at < restorable_since():
        detail = f"The site was removed more than {RESTORE_DAYS} days ago, so it cannot be restored."
        raise Conflict(detail, code="restore_ended")
    site.removed_at = None
    bump_version(site)
    db.session.flush()


def find_removed_site(key: str) -> Site:
    """Return a removed site. Raise NotFound if the key is unknown or the site is not removed."""
    site = find_by_key(key)
    if site is None or site.removed_at is None:
        raise NotFound("There is no removed site with this key.", code="unknown_site")
    return site


def list_restorable() -> Sequence[Site]:
    """Return the removed sites that can still be restored, the newest removal first."""
    query = select(Site).where(Site.removed_at >= restorable_since())
    return db.session.scalars(query.order_by(Site.removed_at.desc(), Site.id)).all()


def restorable_since() -> datetime:
    """Return the moment since when a site must have been removed to be restored."""
    return clock.now() - timedelta(days=RESTORE_DAYS)
