"""How many chats that only a page tells of are taken in a day.

Each is a line in the agents' list, and anybody may write one. What is over is counted, and nothing else of it is kept.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from ..core import clock
from ..sites.models import Site
from ..storage.counters import add_to_count
from ..storage.db import db, table_of
from .models import ClaimDay, Invitation

#: Of one site, and of one address on it: nobody takes the room of all.
CLAIMS_PER_DAY = 5_000
CLAIMS_PER_SOURCE = 500
CLAIM_DAY = table_of(ClaimDay)


def has_room(site: Site) -> bool:
    """Whether one more is taken today. What the back end came to prove is no longer among them."""
    now = clock.now()
    claims = (
        select(Invitation.id)
        .where(
            Invitation.site_id == site.id,
            Invitation.proof == "page",
            Invitation.decided_on == clock.local_day(now, site.time_zone),
            # By the index: a site-local day lies within two of ours.
            Invitation.decided_at > now - timedelta(days=2),
        )
        .limit(CLAIMS_PER_DAY)
        .subquery()
    )
    return (db.session.scalar(select(func.count()).select_from(claims)) or 0) < CLAIMS_PER_DAY


def count_refused(site: Site) -> None:
    """One that was not taken."""
    key = {"site_id": site.id, "day": clock.local_day(clock.now(), site.time_zone)}
    add_to_count(db.session, CLAIM_DAY, key, 1, "refused_count")
