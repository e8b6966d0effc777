"""Sampling: the count of cases that could be asked about, stored in the transaction of each decision."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from ..storage.counters import add_to_count
from ..storage.db import db, table_of
from .models import SamplingCount

COUNT = table_of(SamplingCount)


def count_case(site_id: UUID, channel: str) -> int:
    """Count a case of a channel and return its number, from 1.

    On PostgreSQL the next transaction waits until this one commits, so that no number is used twice.
    """
    add_to_count(db.session, COUNT, {"site_id": site_id, "channel": channel}, 1)
    of_channel = (COUNT.c.site_id == site_id) & (COUNT.c.channel == channel)
    number: int = db.session.scalars(select(COUNT.c.n).where(of_channel)).one()
    return number
