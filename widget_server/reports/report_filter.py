"""The filter of a report. One object narrows the people asked, their answers and the lists alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, Literal, TypeVar, get_args
from uuid import UUID

from ..conversations.models import CHANNELS
from ..core.errors import Invalid
from ..core.text import has_controls
from ..ratings.subject_target import PAGE_CHANNEL
from .scores import Excluded

#: Monday is 0.
WEEKDAYS = tuple("0123456")
MAX_NAME_LENGTH = 500
#: The channels of conversations, and that of votes on articles and other pages.
REPORT_CHANNELS = (*CHANNELS, PAGE_CHANNEL)
#: The longest period of a report; a longer one would read too many days.
MAX_DAYS = 3 * 366
FIRST_YEAR, LAST_YEAR = 1990, 2200
Against = Literal["before", "year"]
AGAINST: tuple[Against, ...] = get_args(Against)
#: The latest periods that an address names by their number of days.
PERIODS = (7, 30, 90, 365)
DEFAULT_PERIOD = 30
Choice = TypeVar("Choice", bound=str)
BOOLEANS = {"yes": True, "no": False}
EXCLUDED_VALUES: tuple[Excluded, ...] = get_args(Excluded)


@dataclass(frozen=True)
class ReportFilter:
    """The votes of a report: those of some days whose fields all match. Empty fields match everything."""

    #: The first day, and the day after the last one.
    since: date
    until: date
    excluded: Excluded = "without"
    channel: tuple[str, ...] = ()
    survey: tuple[UUID, ...] = ()
    #: Days of the week, Monday being 0.
    weekday: tuple[int, ...] = ()
    #: The owner's id of an agent who is credited.
    agent: str | None = None
    #: The path of an article.
    article: str | None = None
    verified: bool | None = None

    @property
    def days(self) -> int:
        return (self.until - self.since).days

    @property
    def last_day(self) -> date:
        return self.until - timedelta(days=1)

    def has_day(self, day: date) -> bool:
        """Return whether the filter accepts the weekday of a day."""
        return not self.weekday or day.weekday() in self.weekday

    def period_before(self, against: Against) -> ReportFilter:
        """Return the filter of the period to compare with: the one directly before, or the same one a year before.

        A year is 52 weeks, so that both periods have the same weekdays.
        """
        distance = timedelta(weeks=52) if against == "year" else timedelta(days=self.days)
        return replace(self, since=self.since - distance, until=self.until - distance)

    def to_query(self) -> dict[str, Any]:
        """Return the fields that narrow the report but the days, by their names in the address."""
        query: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("since", "until") or value == field.default:
                continue
            query[field.name] = _to_text(value)
        return query


def parse_report_filter(query: Mapping[str, list[str]], today: date) -> ReportFilter:
    """Parse the filter in an address. Empty fields are ignored, because forms send them.

    `since` and `until` are the first and the last day; without them, `period` is the number of the latest days.

    Raises: Invalid: a field has an unknown value.
    """
    since, until = _parse_days(query, today)
    return ReportFilter(
        since,
        until,
        excluded=_parse_choice(query, "excluded", EXCLUDED_VALUES) or "without",
        channel=tuple(_check(value, REPORT_CHANNELS, "channel") for value in _values(query, "channel")),
        survey=tuple(_parse_id(value) for value in _values(query, "survey")),
        weekday=tuple(
            int(_check(value, [str(day) for day in WEEKDAYS], "weekday")) for value in _values(query, "weekday")
        ),
        agent=_parse_text(query, "agent"),
        article=_parse_text(query, "article"),
        verified=BOOLEANS.get(_parse_choice(query, "verified", tuple(BOOLEANS)) or ""),
    )


def parse_against(query: Mapping[str, list[str]]) -> Against:
    """Return which period the report is compared with.

    Raises: Invalid: the value is unknown.
    """
    return _parse_choice(query, "against", AGAINST) or "before"


def parse_period(query: Mapping[str, list[str]]) -> int | None:
    """Return the number of days of the period; None if the address has days.

    Raises: Invalid: the number is not offered.
    """
    if _value(query, "since") or _value(query, "until"):
        return None
    period = _parse_choice(query, "period", tuple(str(days) for days in PERIODS))
    return int(period) if period else DEFAULT_PERIOD


def _parse_days(query: Mapping[str, list[str]], today: date) -> tuple[date, date]:
    period = parse_period(query)
    if period is not None:
        return today - timedelta(days=period - 1), today + timedelta(days=1)
    last_day = _parse_day(query, "until") or today
    since = _parse_day(query, "since") or last_day - timedelta(days=DEFAULT_PERIOD - 1)
    if since > last_day:
        raise Invalid("The first day must not be after the last one.", pointer="/since")
    if (last_day - since).days >= MAX_DAYS:
        raise Invalid(f"A report covers at most {MAX_DAYS} days; choose a later first day.", pointer="/since")
    return since, last_day + timedelta(days=1)


def _parse_day(query: Mapping[str, list[str]], name: str) -> date | None:
    text = _value(query, name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise _wrong_day(name) from error
    # The period before must consist of valid dates, too.
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _wrong_day(name)
    return day


def _wrong_day(name: str) -> Invalid:
    return Invalid(f"“{name}” must be a day, for example 2026-03-01.", pointer=f"/{name}")


def _values(query: Mapping[str, list[str]], name: str) -> Iterator[str]:
    """Yield the values of a field that are not empty, each once, in their order."""
    yield from dict.fromkeys(text.strip() for text in query.get(name, []) if text.strip())


def _value(query: Mapping[str, list[str]], name: str) -> str | None:
    values = list(_values(query, name))
    if len(values) > 1:
        raise Invalid(f"Filter “{name}” has more than one value; give it once.", pointer=f"/{name}")
    return values[0] if values else None


def _parse_choice(query: Mapping[str, list[str]], name: str, choices: tuple[Choice, ...]) -> Choice | None:
    text = _value(query, name)
    if text is None:
        return None
    _check(text, choices, name)
    return next(choice for choice in choices if choice == text)


def _check(value: str, choices: Any, name: str) -> str:
    if value not in choices:
        raise Invalid(f"Filter “{name}” has an unknown value; choose one of: {', '.join(choices)}.", pointer=f"/{name}")
    return value


def _parse_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("Filter “survey” must be the id of a survey.", pointer="/survey") from error


def _parse_text(query: Mapping[str, list[str]], name: str) -> str | None:
    text = _value(query, name)
    if text is not None and (len(text) > MAX_NAME_LENGTH or has_controls(text)):
        problem = f"Filter “{name}” must have at most {MAX_NAME_LENGTH} characters and no control characters."
        raise Invalid(problem, pointer=f"/{name}")
    return text


def _to_text(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
