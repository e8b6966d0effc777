"""Dates and times of day in the languages of the console."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from babel.dates import format_date, format_time


class Patterns(NamedTuple):
    """How a language writes dates, as CLDR patterns."""

    weekday: str
    day: str
    short_day: str
    time: str = "HH:mm"


PATTERNS = {
    "da": Patterns("EEEE 'den' d. MMMM", "d. MMMM", "d. MMM", "HH.mm"),
    "de": Patterns("EEEE, d. MMMM", "d. MMMM", "d. MMM"),
    "en": Patterns("EEEE d MMMM", "d MMMM", "d MMM"),
    "nb": Patterns("EEEE d. MMMM", "d. MMMM", "d. MMM"),
    "sv": Patterns("EEEE d MMMM", "d MMMM", "d MMM"),
}


def to_time_text(moment: datetime, language: str) -> str:
    """Return a time of day such as 10:04."""
    return format_time(moment, PATTERNS[language].time, locale=language)


def to_weekday_text(day: date, language: str, this_year: int) -> str:
    """Return a day such as Tuesday 17 November, with its year unless it is this one."""
    return _format(day, PATTERNS[language].weekday, language, this_year)


def to_day_text(day: date, language: str, this_year: int | None = None) -> str:
    """Return a day such as 17 November 2026, without its year if it is this one."""
    return _format(day, PATTERNS[language].day, language, this_year)


def to_short_day_text(day: date, language: str, this_year: int) -> str:
    """Return a day such as 17 Nov, with its year unless it is this one."""
    return _format(day, PATTERNS[language].short_day, language, this_year)


def to_month_text(day: date, language: str) -> str:
    """Return a month such as March 2026."""
    return format_date(day, "LLLL y", locale=language)


def to_short_month_text(day: date, language: str) -> str:
    """Return a month such as Mar 2026."""
    return format_date(day, "LLL y", locale=language)


def _format(day: date, pattern: str, language: str, this_year: int | None) -> str:
    return format_date(day, pattern if day.year == this_year else f"{pattern} y", locale=language)
