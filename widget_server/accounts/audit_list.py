"""Read the audit log: filtered entries of a site, or of all sites and the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, or_, select, tuple_
from sqlalchemy.orm import Session

from .audit import ACTIONS
from .models import AuditEntry

#: The actions of each group, by the part of their name before the dot.
GROUPS: Mapping[str, Sequence[str]] = {
    group: [action for action in ACTIONS if action.partition(".")[0] == group]
    for group in dict.fromkeys(action.partition(".")[0] for action in ACTIONS)
}
#: The time, chain and number of an entry, which is the place of a page in the list.
Place = tuple[datetime, UUID, int]
ROWS_PER_READ = 500
ESCAPE = "\\"


@dataclass(frozen=True)
class AuditFilter:
    """Which entries to list. `site_id` is the only filter that limits what a person may see."""

    #: A site or `audit.SERVER`; None for all of them.
    site_id: UUID | None = None
    group: str | None = None
    action: str | None = None
    actor_id: UUID | None = None
    #: A part of an actor's name, the object, or the details, in any case.
    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AuditPage:
    """A page of entries and the place of the next one."""

    entries: Sequence[AuditEntry]
    next_place: Place | None


def newest_entries(session: Session, filters: AuditFilter, *, before: Place | None, limit: int) -> AuditPage:
    """Return a page of entries, newest first."""
    query = _in_order_of_chain(filters, before) if filters.site_id else _in_order_of_time(filters, before)
    entries = session.scalars(query.limit(limit + 1)).all()
    last = entries[limit - 1] if len(entries) > limit else None
    return AuditPage(entries[:limit], (last.at, last.site_id, last.number) if last else None)


def oldest_entries(session: Session, filters: AuditFilter, *, after: int, limit: int) -> Sequence[AuditEntry]:
    """Return the entries of one chain with a number above `after`, oldest first."""
    query = _filtered(filters).where(AuditEntry.number > after).order_by(AuditEntry.number)
    return session.scalars(query.limit(limit)).all()


def pages_of(open_session: Callable[[], Session], filters: AuditFilter) -> Iterator[Sequence[AuditEntry]]:
    """Yield all entries in pages, newest first.

    Memory use does not grow with the log, and no connection is held while a page is sent.
    """
    place: Place | None = None
    while True:
        with open_session() as session:
            page = newest_entries(session, filters, before=place, limit=ROWS_PER_READ)
            session.expunge_all()
        yield page.entries
        place = page.next_place
        if place is None:
            return


def _in_order_of_chain(filters: AuditFilter, before: Place | None) -> Select[AuditEntry]:
    """Return the query for one chain. Its primary key has the order, so the database sorts nothing."""
    query = _filtered(filters)
    if before is not None:
        query = query.where(AuditEntry.number < before[2])
    return query.order_by(AuditEntry.number.desc())


def _in_order_of_time(filters: AuditFilter, before: Place | None) -> Select[AuditEntry]:
    query = _filtered(filters)
    if before is not None:
        query = query.where(_place_columns() < before)
    return query.order_by(AuditEntry.at.desc(), AuditEntry.site_id.desc(), AuditEntry.number.desc())


def _filtered(filters: AuditFilter) -> Select[AuditEntry]:
    query = select(AuditEntry)
    for condition in _conditions(filters):
        query = query.where(condition)
    return query


def _conditions(filters: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if filters.site_id is not None:
        yield AuditEntry.site_id == filters.site_id
    if filters.group:
        yield AuditEntry.action.in_(GROUPS.get(filters.group, ()))
    if filters.action:
        yield AuditEntry.action == filters.action
    if filters.actor_id is not None:
        yield AuditEntry.actor_id == filters.actor_id
    if filters.since is not None:
        yield AuditEntry.at >= filters.since
    if filters.until is not None:
        yield AuditEntry.at < filters.until
    if filters.q:
        pattern = _contains(filters.q)
        columns = (AuditEntry.actor, AuditEntry.target, cast(AuditEntry.detail, String))
        yield or_(*(column.ilike(pattern, escape=ESCAPE) for column in columns))


def _contains(text: str) -> str:
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return f"%{text}%"


def _place_columns() -> ColumnElement[Place]:
    return tuple_(AuditEntry.at, AuditEntry.site_id, AuditEntry.number)
