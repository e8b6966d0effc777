"""Fields that several resources share, and fields of query strings, where every value is text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from ..conversations.agents import find_agent
from ..core import clock
from ..core.errors import Invalid
from ..sites.models import Site
from ..storage.db import db
from ..surveys.models import Survey
from ..web.fields import Boolean, Integer, Strict, Text, Timestamp

MAX_ID_LENGTH = 200
DEFAULT_LIMIT, MAX_LIMIT = 50, 200
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DIGITS = re.compile(r"[0-9]{1,9}")
LANGUAGE = validate.Regexp(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z", error="Language must be a tag such as en or pt-BR.")


def word(words: Iterable[str], description: str | None = None, **settings: Any) -> fields.String:
    """Return a field of a response for one of these words, which the OpenAPI document lists."""
    values = [*words, *([None] if settings.get("allow_none") else ())]
    metadata = {"enum": values} if description is None else {"enum": values, "description": description}
    return fields.String(metadata=metadata, **settings)


def line(max_length: int, **settings: Any) -> Text:
    """Return a field for one line of text, which is optional and which null clears."""
    return Text(max_length=max_length, line=True, allow_none=True, **settings)


def check_filter_ids(site_id: UUID, query: Mapping[str, Any]) -> None:
    """Raise Invalid for a filter by an agent or a survey that the site does not have; the list would just be empty."""
    if query.get("agent") is not None and find_agent(site_id, query["agent"]) is None:
        raise Invalid("Agent does not exist on this site; check its external_id.", pointer="/agent")
    if query.get("survey") is not None and db.session.get(Survey, (site_id, query["survey"])) is None:
        raise Invalid("Survey does not exist on this site; check its id.", pointer="/survey")


def external(**settings: Any) -> Text:
    """Return a field for an id of the owner."""
    return Text(max_length=MAX_ID_LENGTH, min_length=1, line=True, **settings)


class QueryInteger(Integer):
    """An integer in decimal digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not DIGITS.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class QueryBoolean(Boolean):
    """The word true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid")
        return bool(value == "true")


class PageQuery(Strict):
    """The cursor and size of a page."""

    cursor = Text(max_length=200, metadata={"description": "`next_cursor` of the previous page."})
    limit = QueryInteger(min_value=1, max_value=MAX_LIMIT, load_default=DEFAULT_LIMIT)


class Out(Strict):
    """A response. It contains only the fields of its schema."""


class Day(fields.Date):
    """A day in the site's time zone."""

    default_error_messages = {
        **Integer.default_error_messages,
        "invalid": "Day must be a date such as 2026-03-01.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class DayOrTimestamp(Timestamp):
    """A day in the site's time zone, or a timestamp with a UTC offset."""

    default_error_messages = {
        **Integer.default_error_messages,
        "invalid": "Time must be a day such as 2026-03-01, or include a UTC offset as in 2026-03-01T10:04:00Z.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not DAY.fullmatch(value):
            return super()._deserialize(value, attr, data, **kwargs)
        return super()._deserialize(f"{value}T00:00:00Z", attr, data, **kwargs).date()


def to_moments(site_id: UUID, query: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the query with the first moment of each of these days, in the time zone of the site."""
    days = {name: query[name] for name in names if type(query.get(name)) is date}
    if not days:
        return query
    time_zone = db.session.get_one(Site, site_id).time_zone
    return {**query, **{name: clock.start_of_day(day, time_zone) for name, day in days.items()}}


class At(fields.AwareDateTime):
    """A timestamp in UTC (ISO 8601)."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(format="iso", allow_none=True, **settings)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat().replace("+00:00", "Z")


class NextCursor(fields.String):
    """The cursor of the next page; null at the end of the list."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_none=True, metadata={"description": "Null at the end of the list."}, **settings)
