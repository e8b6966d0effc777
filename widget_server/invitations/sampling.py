"""Every n-th: the count of those who could have been asked, kept with the decisions about them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from ..storage.counters import add_to_count
from ..storage.db import db, table_of
from .models import SamplingCount

COUNT = table_of(SamplingCount)


def next_number(site_id: UUID, channel: str) -> int:
    """Which one this is of a channel, from 1.

    On PostgreSQL whoever comes next waits until this decision is committed, so that no number is given twice.
    """
    add_to_count(db.session, COUNT, {"site_id": site_id, "channel": channel}, 1)
    of_channel = (COUNT.c.site_id == site_id) & (COUNT.c.channel == channel)
    number: int = db.session.scalars(select(COUNT.c.n).where(of_channel)).one()
    return number
