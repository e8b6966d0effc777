"""The daily quota of unverified chats, which only a page claims.

Each is a line in the agents' list, and any visitor of the page can create one. Chats over the quota are only counted.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from ..core import clock
from ..sites.models import Site
from ..storage.counters import add_to_count
from ..storage.db import db, table_of
from .models import Invitation, UnverifiedChatDay

#: For one site, and for one client address on it, so that one client cannot use up the quota.
MAX_UNVERIFIED_PER_DAY = 5_000
MAX_UNVERIFIED_PER_SOURCE = 500
UNVERIFIED_CHAT_DAY = table_of(UnverifiedChatDay)


def has_room(site: Site) -> bool:
    """Return whether the site accepts another unverified chat today. Chats verified since do not count."""
    now = clock.now()
    claims = (
        select(Invitation.id)
        .where(
            Invitation.site_id == site.id,
            Invitation.proof == "page",
            Invitation.decided_on == clock.local_day(now, site.time_zone),
            # So that the index is used: a site-local day lies within the last two days.
            Invitation.decided_at > now - timedelta(days=2),
        )
        .limit(MAX_UNVERIFIED_PER_DAY)
        .subquery()
    )
    return (db.session.scalar(select(func.count()).select_from(claims)) or 0) < MAX_UNVERIFIED_PER_DAY


def count_refused(site: Site) -> None:
    """Count a chat that was refused."""
    key = {"site_id": site.id, "day": clock.local_day(clock.now(), site.time_zone)}
    add_to_count(db.session, UNVERIFIED_CHAT_DAY, key, 1, "refused_count")
