"""The filters of the audit log's page, as its address has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request

from ...accounts.audit_chain import Entry
from ...accounts.audit_list import GROUPS, AuditFilter, Place
from ...core.errors import Invalid
from ...core.text import has_controls
from ...web import cursor

MAX_QUERY_LENGTH = 200
SEPARATOR = "."
#: Of the number of an entry.
MAX_DIGITS = 9


@dataclass(frozen=True)
class AuditQuery:
    """What the address of the page asks for; a value that no filter has is ignored."""

    group: str = ""
    q: str = ""
    since: str = ""
    until: str = ""
    site: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """Return the filters as arguments of an address."""
        return {name: value for name, value in vars(self).items() if value}

    def to_filter(self, chain: UUID | None, time_zone: str) -> AuditFilter:
        """Return the filter. Its last day is included."""
        last_day = _read_day(self.until)
        return AuditFilter(
            chain,
            group=self.group or None,
            q=self.q or None,
            since=_start_of(_read_day(self.since), time_zone),
            until=_start_of(last_day + timedelta(days=1) if last_day else None, time_zone),
        )


def read_query(values: Any) -> AuditQuery:
    """Return the filters of an address or a form."""
    query = AuditQuery(**{name: values.get(name, "").strip()[:MAX_QUERY_LENGTH] for name in vars(AuditQuery())})
    if query.group not in GROUPS:
        query = replace(query, group="")
    return replace(query, q="") if has_controls(query.q) else query


def read_place() -> Place | None:
    """Return the place of the page that the address asks for; None for the first page.

    Raises: Invalid: the address was changed.
    """
    text, _, number = request.args.get("cursor", "").rpartition(SEPARATOR)
    if not text:
        return None
    place = cursor.decode(text)
    if place is None or not number.isascii() or not number.isdigit() or len(number) > MAX_DIGITS:
        raise Invalid("Invalid cursor; start again without one.", pointer="/cursor")
    return (*place, int(number))


def read_entry(text: str) -> Entry | None:
    """Return the chain and the number of an entry; None for an empty text.

    Raises: Invalid: the address was changed.
    """
    if not text:
        return None
    chain, _, number = text.partition(SEPARATOR)
    try:
        if not number.isascii() or not number.isdigit() or len(number) > MAX_DIGITS:
            raise ValueError("not a number")
        return UUID(chain), int(number)
    except ValueError as error:
        raise Invalid("Invalid entry; start the verification again.", pointer="/after") from error


def to_entry_text(entry: Entry | None) -> str:
    return f"{entry[0]}{SEPARATOR}{entry[1]}" if entry else ""


def to_cursor(place: Place | None) -> str | None:
    return f"{cursor.encode(place[:2])}{SEPARATOR}{place[2]}" if place else None


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day < date(9000, 1, 1) else None


def _start_of(day: date | None, time_zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(time_zone)) if day else None
