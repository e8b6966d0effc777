"""The span of time in which rows of a list were changed last, and its pages, the oldest change first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_

from ..storage.indexes import Unindexed
from ..web.cursor import Place
from .newest_first import Alternatives


@dataclass(frozen=True)
class Changed:
    """The time of the last change: from `since`, before `until`."""

    since: datetime
    until: datetime

    def select_ids(
        self, base: Select[UUID, datetime], alternatives: Alternatives, *, after: Place | None, limit: int
    ) -> Select[UUID, datetime] | None:
        """Select ids and times of changed rows that match all filters, or None if a filter matches nothing.

        The columns of `base` are the id of a row and the time of its last change, whose index gives the rows; the
        filters only check them.
        """
        if any(not conditions for conditions in alternatives.values()):
            return None
        row_id, at = base.selected_columns
        filters = [Unindexed(or_(*conditions)) for conditions in alternatives.values()]
        query = base.where(at >= self.since, at < self.until, *filters)
        if after is not None:
            query = query.where(at >= after[0], or_(at > after[0], row_id > after[1]))
        return query.order_by(at, row_id).limit(limit)
