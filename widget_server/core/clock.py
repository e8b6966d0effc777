"""The only clock. Every part asks it for the time, so tests can set it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: A browser sends an answer for at most this long after the press.
MAX_PRESS_AGE = timedelta(hours=48)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime, time_zone: str) -> date:
    """Return the calendar day of `moment` in a time zone (IANA name)."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def start_of_day(day: date, time_zone: str) -> datetime:
    """Return the first moment of a day in a time zone (IANA name), in UTC."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def pressed_at(received_at: datetime, age_ms: int, max_age: timedelta = MAX_PRESS_AGE) -> datetime:
    """Return when the visitor pressed.

    It is the time of arrival minus the age that the page reports.

    The age is clamped to 0..`max_age`. The page's clock is never read, so a wrong one has no effect.
    """
    age = min(max(timedelta(milliseconds=age_ms), timedelta(0)), max_age)
    return received_at - age
