"""The only clock: everything that asks for the time asks here, so that tests can set it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of `moment` where the site is (IANA name)."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def pressed_at(received_at: datetime, age_ms: int, longest: timedelta = timedelta(hours=48)) -> datetime:
    """When the visitor pressed: our moment of arrival minus the age the page claims, clamped to 0..`longest`.

    The page's own clock is never read, so a wrong one moves nothing.
    """
    age = min(max(timedelta(milliseconds=age_ms), timedelta(0)), longest)
    return received_at - age
