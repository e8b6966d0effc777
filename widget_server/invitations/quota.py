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

#: For one site, for one client address on it, and for the addresses of one prefix (client_address.py), so that one
#: client cannot use up the quota.
MAX_UNVERIFIED_PER_DAY = 5_000
MAX_UNVERIFIED_PER_SOURCE = 500
MAX_UNVERIFIED_PER_PREFIX = 1_000
#: The second half of a site's quota is reserved: each prefix gets a few chats of it, so that many addresses of some
#: prefixes leave room for others.
MAX_RESERVED_PER_PREFIX = 20
UNVERIFIED_CHAT_DAY = table_of(UnverifiedChatDay)


def limits_of_prefix(site: Site) -> dict[str, int] | None:
    """Return the daily limits by name for the caller's prefix, or None if the site accepts no unverified chat today."""
    accepted_count = count_accepted(site)
    if accepted_count >= MAX_UNVERIFIED_PER_DAY:
        return None
    reserved = {"reserved_claim": MAX_RESERVED_PER_PREFIX} if accepted_count >= MAX_UNVERIFIED_PER_DAY / 2 else {}
    return {"claim_of_prefix": MAX_UNVERIFIED_PER_PREFIX, **reserved}


def count_accepted(site: Site) -> int:
    """Return the number of unverified chats today, up to the quota. Chats verified since do not count."""
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
    return db.session.scalar(select(func.count()).select_from(claims)) or 0


def count_refused(site: Site) -> None:
    """Count a chat that was refused."""
    key = {"site_id": site.id, "day": clock.local_day(clock.now(), site.time_zone)}
    add_to_count(db.session, UNVERIFIED_CHAT_DAY, key, 1, "refused_count")
