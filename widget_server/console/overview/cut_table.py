"""The table of an overview: its busiest scale by agent, channel or another dimension."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ...conversations.models import Agent
from ...core.marked_texts import N_
from ...ratings.subject_target import PAGE_CHANNEL
from ...reports.group_table import GroupRow, GroupTable, rank_cut
from ...reports.overview import ScaleReport
from ...reports.statistics.shares import Interval
from ...reports.vote_counts import Cut, count_by_group
from ...storage.db import db
from ...subjects.models import Subject
from ...surveys.models import Survey
from ...web.translations import translate as _
from ..formatting import CHANNELS
from .address import ReportAddress

CUT_LABELS: dict[Cut, str] = {
    "agent": N_("Agents"),
    "channel": N_("Channels"),
    "survey": N_("Surveys"),
    "article": N_("Articles"),
    "weekday": N_("Weekdays"),
    "verified": N_("Verified or not"),
}
WEEKDAY_LABELS = dict(
    zip(
        "0123456",
        (
            N_("Monday"),
            N_("Tuesday"),
            N_("Wednesday"),
            N_("Thursday"),
            N_("Friday"),
            N_("Saturday"),
            N_("Sunday"),
        ),
        strict=True,
    )
)
#: Ratings of articles and other pages have a channel, too.
CHANNEL_LABELS = {**CHANNELS, PAGE_CHANNEL: N_("Page")}
VERIFIED_GROUPS = {True: N_("Verified"), False: N_("Unverified")}
#: More rows are on the pages of agents and articles.
MAX_ROWS = 25
#: The longest period of which the table shows agents without being asked to.
MAX_AGENT_DAYS = 92
#: The order of weekdays and the two groups of visitors is not that of their scores.
IN_ORDER: tuple[Cut, ...] = ("weekday",)


@dataclass(frozen=True)
class TableRow:
    """A group with its name, and the address of the report on it alone."""

    name: str
    address: str | None
    group: GroupRow


@dataclass(frozen=True)
class CutTable:
    """The table of a cut, in words."""

    cut: Cut
    scale: str
    rows: list[TableRow]
    groups: GroupTable
    #: The range of the drawings of intervals.
    limits: Interval

    @property
    def more(self) -> int:
        """Return the number of groups that are not shown."""
        return len(self.groups.rows) - len(self.rows)


def load_cut_table(report: ReportAddress, scale_report: ScaleReport) -> CutTable | None:
    """Return the table that the address asks for; without a choice by agent, else by channel."""
    scale, site_id = scale_report.figure.scale.name, report.site.id
    # Each agent has counters of each day, so a long period of many agents is read only on request.
    default_cuts: tuple[Cut, ...] = (
        ("agent", "channel") if report.report_filter.days <= MAX_AGENT_DAYS else ("channel",)
    )
    cuts = (report.cut,) if report.cut else default_cuts
    for cut in cuts:
        counts = count_by_group(db.session, site_id, report.report_filter, cut, scale)
        counts.pop(None, None)
        if counts or cut == cuts[-1]:
            groups = rank_cut(scale, counts)
            return _to_table(report, cut, scale_report, groups)
    return None


def _to_table(report: ReportAddress, cut: Cut, scale_report: ScaleReport, groups: GroupTable) -> CutTable:
    rows = groups.rows[:MAX_ROWS]
    if cut in IN_ORDER:
        rows = sorted(rows, key=lambda row: str(row.key))
    names = find_names(report.site.id, cut, [row.key for row in rows])
    table_rows = []
    for row in rows:
        name, argument = names.get(row.key, (str(row.key), None))
        table_rows.append(TableRow(name, report.address(**{cut: argument, "cut": None}) if argument else None, row))
    ends = [end for row in rows for end in row.figure.interval or ()]
    limits = scale_report.figure.limits
    if scale_report.figure.kind == "share" and ends and min(ends) >= 0.5:
        limits = (0.5, 1.0)
    return CutTable(cut, scale_report.figure.scale.name, table_rows, groups, limits)


def find_names(site_id: UUID, cut: Cut, keys: Collection[Any]) -> dict[Any, tuple[str, str | None]]:
    """Return (name, argument of the address) of each group."""
    if cut == "agent":
        agents = db.session.scalars(select(Agent).where(Agent.site_id == site_id, Agent.id.in_(keys)))
        return {agent.id: (agent.name, agent.external_id) for agent in agents}
    if cut == "article":
        subjects = db.session.scalars(select(Subject).where(Subject.site_id == site_id, Subject.id.in_(keys)))
        return {subject.id: (subject.subject, subject.subject) for subject in subjects}
    if cut == "survey":
        names = survey_names(site_id)
        return {key: (names.get(str(key), str(key)), str(key)) for key in keys}
    if cut == "verified":
        return {key: (_(VERIFIED_GROUPS[bool(key)]), "yes" if key else "no") for key in keys}
    labels = WEEKDAY_LABELS if cut == "weekday" else CHANNEL_LABELS
    return {key: (_(labels.get(str(key), str(key))), str(key)) for key in keys}


def survey_names(site_id: UUID) -> dict[str, str]:
    """Return the names of a site's surveys by their ids, the newest first."""
    query = select(Survey.id, Survey.name).where(Survey.site_id == site_id).order_by(Survey.created_at.desc())
    return {str(row.id): row.name for row in db.session.execute(query.limit(200))}
