"""A page of a filtered list, newest first, read from one or two indexes in the order of the list.

One filter of the list, the driver, is matched by an index that ends with the list's order. A second one, the partner,
is looked up in its own index at the same place of the list, so that both are read in one order and the rows
themselves are not: two filters that are frequent but rarely meet would otherwise load all rows of one. Further filters
check the rows. A filter with alternatives, such as a tag in one of three columns, reads a page of each alternative and
merges them: OR over several indexes would read and sort all matches. The driver is fixed here and not chosen by the
database, whose choice depends on statistics that SQLite never gathers and a new database lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
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
    or_,
    select,
    true,
    union,
)
from sqlalchemy.sql.visitors import replacement_traverse

from ..storage.indexes import Unindexed
from ..web.cursor import Place

#: A partner with more alternatives would make too many pages.
MAX_PARTNER_ALTERNATIVES = 3
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

    def matches_at_place(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Return whether the index of a filter has the row at its place of the list.

        The index has the id, too. SQLite would look for it in the primary key and load the row.
        """
        partner = self.listed.alias()

        def to_partner(element: Any, **options: Any) -> Any:
            is_listed = isinstance(element, Column) and element.table.name == self.listed.name
            return partner.c[element.key] if is_listed else None

        return exists().where(
            partner.c.site_id == self.site_id,
            replacement_traverse(condition, {}, to_partner),
            partner.c[self.order] == self.at,
            Unindexed(partner.c.id) == self.row_id,
        )


def select_ids(
    source: Source, alternatives: Alternatives, drivers: Sequence[str], *, after: Place | None, limit: int
) -> Select[UUID, datetime] | None:
    """Select the newest ids of a source that match all filters, or None if a filter matches nothing.

    `drivers` has the names of filters that an index matches, the most selective ones first.
    """
    if any(not conditions for conditions in alternatives.values()):
        return None
    indexed = [name for name in drivers if name in alternatives]
    driver = indexed.pop(0) if indexed and source.is_same is None else None
    partners = [name for name in indexed if len(alternatives[name]) <= MAX_PARTNER_ALTERNATIVES]
    partner = partners[0] if partners else None
    checks = [Unindexed(or_(*conditions)) for name, conditions in alternatives.items() if name not in (driver, partner)]
    driver_conditions = [[condition] for condition in alternatives[driver]] if driver else [[]]
    partner_conditions = (
        [[source.matches_at_place(condition)] for condition in alternatives[partner]] if partner else [[]]
    )
    pages = [
        source.select_page([*of_driver, *of_partner], checks, after, limit)
        for of_driver, of_partner in product(driver_conditions, partner_conditions)
    ]
    return pages[0] if len(pages) == 1 else merge_pages(pages, limit)


def merge_pages(pages: Sequence[Select[UUID, datetime]], limit: int) -> Select[UUID, datetime]:
    """Select the newest rows of several pages, each once."""
    merged = union(*(select(page.subquery()) for page in pages)).subquery()
    row_id, at = merged.c
    return select(merged).order_by(at.desc(), row_id.desc()).limit(limit)


def match_all(alternatives: Alternatives) -> ColumnElement[bool]:
    """Return the condition that all filters hold, for one row."""
    return and_(true(), *(or_(*conditions) for conditions in alternatives.values()))
