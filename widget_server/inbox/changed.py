"""The span of time in which rows of a list were changed last, and its pages, the oldest change first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, or_, select

from ..storage.indexes import Unindexed
from ..storage.prepared import AnySession
from ..web.cursor import Place
from .newest_first import MAX_COUNTED, Alternatives, Source, count_rows

#: The id of a row and the time of its last change.
Columns = tuple[SQLColumnExpression[UUID], SQLColumnExpression[datetime]]


@dataclass(frozen=True)
class Changed:
    """The time of the last change: from `since`, before `until`."""

    since: datetime
    until: datetime

    def select_ids(
        self,
        session: AnySession,
        columns: Columns,
        sources: Mapping[str, Source],
        alternatives: Alternatives,
        *checks: ColumnElement[bool],
        after: Place | None,
        limit: int,
    ) -> Select[UUID, datetime] | None:
        """Select ids and times of changed rows that match all filters, or None if a filter matches nothing.

        `columns` are the id of a row and the time of its last change, `sources` are those of `newest_first.select_ids`.
        The index of that time gives the rows, and the filters check them. If a filter has few rows, they are read and
        sorted instead, because the index would be read for long until it has a page of them.
        """
        if any(not conditions for conditions in alternatives.values()):
            return None
        driver = find_rare(session, sources, alternatives)
        source, at = sources[driver], Unindexed(columns[1]) if driver else columns[1]
        query = source.select_all(*columns).where(at >= self.since, at < self.until, *checks)
        for name, conditions in alternatives.items():
            if name != driver:
                query = query.where(Unindexed(or_(*conditions)))
            elif source.is_same is None:
                query = query.where(or_(*conditions))
        if driver:
            # With a limit, PostgreSQL reads these rows first. Some may be added after they were counted.
            rare_rows = query.limit(2 * MAX_COUNTED).subquery()
            query, columns = select(rare_rows), (rare_rows.c[0], rare_rows.c[1])
        return order_by_change(query, columns, after, limit)


def order_by_change(
    query: Select[UUID, datetime], columns: Columns, after: Place | None, limit: int
) -> Select[UUID, datetime]:
    """Return the page after a place in the order of the last change."""
    row_id, at = columns
    if after is not None:
        query = query.where(at >= after[0], or_(at > after[0], row_id > after[1]))
    return query.order_by(at, row_id).limit(limit)


def find_rare(session: AnySession, sources: Mapping[str, Source], alternatives: Alternatives) -> str:
    """Return the filter with the fewest rows that an index matches; "" if each has many."""
    names = [name for name in sources if name in alternatives]
    counts = count_rows(session, sources, alternatives, names) if names else []
    n, driver = min(zip(counts, names, strict=True), default=(MAX_COUNTED, ""))
    return driver if n < MAX_COUNTED else ""
