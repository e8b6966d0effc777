"""A page of a filtered list, newest first, read from the indexes of its filters in the order of the list.

The filter with the fewest rows, the driver, is matched by an index that ends with the list's order. The others are
looked up in their own indexes at the same place of the list, so that the rows themselves are not read: two filters
that are frequent but rarely meet would otherwise load all rows of one. A filter with alternatives, such as a tag in
one of three columns, reads a page of each alternative and merges them, because OR over several indexes would read and
sort all matches; beside a driver it checks the rows. The driver is chosen by counts and not by the database, whose
choice depends on statistics that SQLite never gathers and a new database lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    SQLColumnExpression,
    Table,
    and_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.sql.visitors import replacement_traverse

from ..storage.indexes import Unindexed
from ..storage.prepared import AnySession
from ..web.cursor import Place

#: The rows of a filter are counted up to this number, because counting all is slow.
MAX_COUNTED = 20_000
#: For each filter, the conditions of which one must hold; none matches nothing.
Alternatives = Mapping[str, Sequence[ColumnElement[bool]]]


@dataclass(frozen=True)
class Source:
    """Where a list is read: a site's rows, the id of a row, and the time by which the list is ordered."""

    site_id: UUID
    #: The table on whose columns the filters are, and the name of the column of the list's order.
    listed: Table
    order: str
    base: Select[UUID, datetime]
    row_id: SQLColumnExpression[UUID]
    at: SQLColumnExpression[datetime]
    #: Set if `base` reads another table, whose index matches a filter, such as that of agents: the join of `listed`.
    is_same: ColumnElement[bool] | None = None
    #: Whether an index has the rows of a driver in the order of the list.
    is_ordered: bool = True

    def select_page(
        self,
        conditions: Sequence[ColumnElement[bool]],
        checks: Sequence[ColumnElement[bool]],
        after: Place | None,
        limit: int,
    ) -> Select[UUID, datetime]:
        """Select the ids and times of the newest rows after a place that match all conditions and checks of rows."""
        at: SQLColumnExpression[Any] = self.at if self.is_ordered else Unindexed(self.at)
        base = self.base if self.is_same is None or not checks else self.base.join(self.listed, self.is_same)
        query = base.where(*conditions, *checks)
        if after is not None:
            query = query.where(at <= after[0], or_(at < after[0], self.row_id < after[1]))
        return query.order_by(at.desc(), self.row_id.desc()).limit(limit)

    def select_all(self, *columns: SQLColumnExpression[Any]) -> Select[Any]:
        """Select columns of all rows. In a join, SQLite would derive the site of `listed` and read all of its rows."""
        if self.is_same is None:
            return self.base.with_only_columns(*columns)
        rows = self.base.with_only_columns(literal(self.site_id), self.row_id)
        return select(*columns).where(tuple_(self.listed.c.site_id, self.listed.c.id).in_(rows))

    def matches_at_place(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Return whether the index of a filter has the row at its place of the list.

        The index has the id, too. The databases must not look for it in the primary key, which would load the row, and
        PostgreSQL must not estimate by it that hardly any row matches, so the comparison is inside of a function.
        """
        partner = self.listed.alias()

        def to_partner(element: Any, **options: Any) -> Any:
            is_listed = isinstance(element, Column) and element.table.name == self.listed.name
            return partner.c[element.key] if is_listed else None

        return exists().where(
            partner.c.site_id == self.site_id,
            replacement_traverse(condition, {}, to_partner),
            partner.c[self.order] == self.at,
            func.coalesce(partner.c.id == self.row_id, false()),
        )


def select_ids(
    session: AnySession,
    sources: Mapping[str, Source],
    alternatives: Alternatives,
    *,
    after: Place | None,
    limit: int,
) -> Select[UUID, datetime] | None:
    """Select the newest ids of a list that match all filters, or None if a filter matches nothing.

    `sources` has the source of each filter that an index matches, and under "" that of the whole list.
    """
    if any(not conditions for conditions in alternatives.values()):
        return None
    drivers = order_drivers(session, sources, alternatives)
    driver, *others = [name for name, _ in drivers] or [""]
    source = sources[driver]
    partners = [name for name in others if len(alternatives[name]) == 1 and sources[name].is_same is None]
    partner_conditions = [source.matches_at_place(alternatives[name][0]) for name in partners]
    checks = [
        Unindexed(or_(*conditions)) for name, conditions in alternatives.items() if name not in (driver, *partners)
    ]
    of_driver: Sequence[ColumnElement[bool]] = (
        [true()] if driver == "" or source.is_same is not None else alternatives[driver]
    )
    pages = [source.select_page([condition, *partner_conditions], checks, after, limit) for condition in of_driver]
    return pages[0] if len(pages) == 1 else merge_pages(pages, limit)


def order_drivers(
    session: AnySession, sources: Mapping[str, Source], alternatives: Alternatives
) -> list[tuple[str, int]]:
    """Return the filters that an index matches with the numbers of their rows, the smallest first.

    Of two with `MAX_COUNTED` rows, that of another table comes first, which cannot be a partner, then that with fewer
    alternatives. A single filter is not counted.
    """
    names = [name for name in sources if name in alternatives]
    if len(names) < 2:
        return [(name, MAX_COUNTED) for name in names]
    return sorted(
        zip(names, count_rows(session, sources, alternatives, names), strict=True),
        key=lambda one: (one[1], sources[one[0]].is_same is None, len(alternatives[one[0]])),
    )


def count_rows(
    session: AnySession, sources: Mapping[str, Source], alternatives: Alternatives, names: Sequence[str]
) -> Sequence[int]:
    """Return the number of rows of each filter, at most `MAX_COUNTED` for each of its alternatives."""
    counts = []
    for name in names:
        source = sources[name]
        total: ColumnElement[int] = literal(0)
        for condition in alternatives[name] if source.is_same is None else [true()]:
            rows = source.base.where(condition).limit(MAX_COUNTED).subquery()
            total = total + select(func.count()).select_from(rows).scalar_subquery()
        counts.append(total)
    return session.execute(select(*counts)).one()


def merge_pages(pages: Sequence[Select[UUID, datetime]], limit: int) -> Select[UUID, datetime]:
    """Select the newest rows of several pages, each once."""
    merged = union(*(select(page.subquery()) for page in pages)).subquery()
    row_id, at = merged.c
    return select(merged).order_by(at.desc(), row_id.desc()).limit(limit)


def match_all(alternatives: Alternatives) -> ColumnElement[bool]:
    """Return the condition that all filters hold, for one row."""
    return and_(true(), *(or_(*conditions) for conditions in alternatives.values()))
