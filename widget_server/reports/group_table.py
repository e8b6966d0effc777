"""A table of groups, such as agents or channels, in an order that few answers cannot lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .figures import Figure, make_figure
from .statistics.league import GroupCount, ShrunkShare, rank_groups
from .vote_counts import ScoreCounts


@dataclass(frozen=True)
class GroupRow:
    """A group with enough answers for a share."""

    key: Any
    figure: Figure
    #: Its satisfied share, drawn towards that of all groups.
    estimate: ShrunkShare


@dataclass(frozen=True)
class GroupTable:
    """The groups of a cut, the most satisfied first."""

    rows: list[GroupRow]
    #: The groups with too few answers together, and their number.
    other: Figure
    other_count: int


def rank_cut(scale: str, counts: Mapping[Any, ScoreCounts]) -> GroupTable:
    """Return the table of groups by their counts. Groups too thin for a share are merged."""
    figures = {key: make_figure(scale, of_group) for key, of_group in counts.items()}
    sizes = [GroupCount(figure.sentiments.positive, figure.answered) for figure in figures.values()]
    estimates = dict(zip(figures, rank_groups(sizes), strict=True)) if any(size.n for size in sizes) else {}
    rows = [GroupRow(key, figure, estimates[key]) for key, figure in figures.items() if not figure.is_too_few]
    thin_groups = [figure for figure in figures.values() if figure.is_too_few and figure.answered]
    others: Counter[int] = Counter()
    for figure in thin_groups:
        others.update(figure.counts)
    rows.sort(key=lambda row: (-row.estimate.shrunk, -row.figure.answered, str(row.key)))
    return GroupTable(rows, make_figure(scale, dict(others)), len(thin_groups))
