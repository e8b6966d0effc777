"""A page of a filtered list, newest first, read from one index in the order of the list.

One filter of the list, the driver, is matched by an index whose last column is the list's order; the others only check
the rows that it gives. A driver with alternatives, such as a tag in one of three columns, reads a page of each
alternative and merges them: OR over several indexes would read and sort all matches. The driver is fixed here and not
chosen by the database, whose choice depends on statistics that SQLite never gathers and a new database lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_, select, true, union
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import Grouping

from ..web.cursor import Place

#: For each filter, the conditions of which one must hold; none matches nothing.
Alternatives = Mapping[str, Sequence[ColumnElement[bool]]]


class Unindexed(Grouping[Any]):
    """An expression that SQLite evaluates without looking for an index."""

    inherit_cache = True


@compiles(Unindexed)
def compile_unindexed(element: Unindexed, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.element, **options)})"


@compiles(Unindexed, "sqlite")
def compile_unindexed_for_sqlite(element: Unindexed, compiler: Any, **options: Any) -> str:
    return f"+({compiler.process(element.element, **options)})"


@dataclass(frozen=True)
class Source:
    """A table of a list: what to read from, the id of a row, and the time by which the list is ordered."""

    base: Select[UUID, datetime]
    row_id: SQLColumnExpression[UUID]
    at: SQLColumnExpression[datetime]
    #: Whether an index has the rows of a driver in the order of the list.
    is_ordered: bool = True

    def select_page(
        self, conditions: Sequence[ColumnElement[bool]], after: Place | None, limit: int
    ) -> Select[UUID, datetime]:
        """Select the ids and times of the newest rows after a place that match all conditions."""
        at: SQLColumnExpression[Any] = self.at if self.is_ordered else Unindexed(self.at)  # type: ignore[arg-type]
        query = self.base.where(*conditions)
        if after is not None:
            query = query.where(at <= after[0], or_(at < after[0], self.row_id < after[1]))
        return query.order_by(at.desc(), self.row_id.desc()).limit(limit)


def select_ids(
    source: Source, alternatives: Alternatives, drivers: Sequence[str], *, after: Place | None, limit: int
) -> Select[UUID, datetime] | None:
    """Select the newest ids of a source that match all filters, or None if a filter matches nothing.

    `drivers` has the names of filters that an index matches, the most selective ones first.
    """
    if any(not conditions for conditions in alternatives.values()):
        return None
    driver = next((name for name in drivers if name in alternatives), None)
    others = [Unindexed(or_(*conditions)) for name, conditions in alternatives.items() if name != driver]
    pages = [
        source.select_page([condition, *others], after, limit).subquery()
        for condition in (alternatives[driver] if driver else ())
    ]
    if not pages:
        return source.select_page(others, after, limit)
    if len(pages) == 1:
        return select(pages[0])
    merged = union(*(select(page) for page in pages)).subquery()
    row_id, at = merged.c
    return select(merged).order_by(at.desc(), row_id.desc()).limit(limit)


def match_all(alternatives: Alternatives) -> ColumnElement[bool]:
    """Return the condition that all filters hold, for one row."""
    return and_(true(), *(or_(*conditions) for conditions in alternatives.values()))
