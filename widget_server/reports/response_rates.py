"""How many of the people asked answered, under the filter of a report.

An answer counts on the day of its invitation, so that the rate is never above 100 %. Chats are asked by invitations;
articles ask everyone who sees the survey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, select

from ..invitations.credit import read_credited_agents
from ..invitations.models import Invitation, InvitationTally
from ..ratings.tally_models import SubjectTally
from ..storage.prepared import AnySession
from ..subjects.models import SubjectDay
from ..surveys.models import SurveyRevision
from .report_filter import ReportFilter
from .scores import SCORED_STATUSES
from .statistics.shares import Interval, to_wilson_interval
from .vote_counts import ZONE_MARGIN, find_agent_id, find_article_ids, midnight

#: Statuses of invitations that could be answered. A withdrawn one could not: the chat went on.
DELIVERED = ("asked", "shown", "voted", "dismissed", "expired")
#: How the identity of an unverified visitor is known.
UNVERIFIED_PROOF = "page"


@dataclass(frozen=True)
class ResponseRate:
    """The people asked, and those of them who answered."""

    asked: int = 0
    answered: int = 0
    #: Cases in which a rule decided not to ask.
    not_asked: int = 0

    @property
    def rate(self) -> float | None:
        """Return the share of answers, 0 to 1, or None if no one was asked."""
        return min(self.answered / self.asked, 1.0) if self.asked else None

    @property
    def interval(self) -> Interval | None:
        return to_wilson_interval(min(self.answered, self.asked), self.asked)

    def to_json(self) -> dict[str, Any]:
        return {
            "asked_count": self.asked,
            "answered_count": self.answered,
            "not_asked_count": self.not_asked,
            "rate": self.rate,
            "interval": self.interval,
        }


def count_invitations(session: AnySession, site_id: UUID, report_filter: ReportFilter) -> ResponseRate:
    """Return the response rate of invitations. Filters that their counters lack are read from the invitations."""
    if report_filter.article is not None:
        return ResponseRate()
    needs_rows = report_filter.survey or report_filter.agent is not None or report_filter.verified is not None
    counts: dict[str, int] = {}
    read = _invitation_rows if needs_rows else _counter_rows
    for day, status, n in read(session, site_id, report_filter):
        if report_filter.has_day(day):
            counts[status] = counts.get(status, 0) + n
    asked_count = sum(counts.get(status, 0) for status in DELIVERED)
    return ResponseRate(asked_count, counts.get("voted", 0), counts.get("not_asked", 0))


def count_article_views(session: AnySession, site_id: UUID, report_filter: ReportFilter) -> ResponseRate:
    """Return the response rate of an article: the votes that the report counts among the impressions of the survey.

    Impressions know neither survey, channel nor visitor, so there is none under such a filter. They are counted by
    article, so the sum over all articles of a large site would read too many rows for a page.
    """
    is_narrowed = report_filter.channel or report_filter.survey or report_filter.agent
    if report_filter.article is None or is_narrowed or report_filter.verified is not None:
        return ResponseRate()
    ids = find_article_ids(session, site_id, report_filter.article)
    impressions = (
        select(SubjectDay.day, func.sum(SubjectDay.shown_count))
        .where(SubjectDay.site_id == site_id, SubjectDay.subject_id.in_(ids))
        .where(SubjectDay.day >= report_filter.since, SubjectDay.day < report_filter.until)
        .group_by(SubjectDay.day)
    )
    ratings = (
        select(SubjectTally.voted_on, func.sum(SubjectTally.n))
        .where(SubjectTally.site_id == site_id, SubjectTally.subject_id.in_(ids))
        .where(SubjectTally.voted_on >= report_filter.since, SubjectTally.voted_on < report_filter.until)
        .where(SubjectTally.status.in_(SCORED_STATUSES[report_filter.excluded]))
        .group_by(SubjectTally.voted_on)
    )
    asked_count, answered_count = (
        sum(n for day, n in session.execute(query) if report_filter.has_day(day)) for query in (impressions, ratings)
    )
    return ResponseRate(asked_count, answered_count)


def _counter_rows(session: AnySession, site_id: UUID, report_filter: ReportFilter) -> Any:
    """Return rows of (day, status, n) from the counters."""
    tally = InvitationTally
    query = select(tally.decided_on, tally.status, func.sum(tally.n)).where(
        tally.site_id == site_id, tally.decided_on >= report_filter.since, tally.decided_on < report_filter.until
    )
    if report_filter.channel:
        query = query.where(tally.channel.in_(report_filter.channel))
    return session.execute(query.group_by(tally.decided_on, tally.status))


def _invitation_rows(session: AnySession, site_id: UUID, report_filter: ReportFilter) -> Any:
    """Return rows of (day, status, n) from the invitations, by the index of their times."""
    row = Invitation
    query = select(row.decided_on, row.status, func.count()).where(
        row.site_id == site_id,
        row.decided_at >= midnight(report_filter.since) - ZONE_MARGIN,
        row.decided_at < midnight(report_filter.until) + ZONE_MARGIN,
        row.decided_on >= report_filter.since,
        row.decided_on < report_filter.until,
    )
    if report_filter.channel:
        query = query.where(row.channel.in_(report_filter.channel))
    if report_filter.verified is not None:
        query = query.where((row.proof != UNVERIFIED_PROOF).is_(report_filter.verified))
    if report_filter.survey:
        is_same = (SurveyRevision.site_id == row.site_id) & (SurveyRevision.id == row.revision_id)
        query = query.join(SurveyRevision, is_same).where(SurveyRevision.survey_id.in_(report_filter.survey))
    if report_filter.agent is None:
        return session.execute(query.group_by(row.decided_on, row.status))
    agent_id = str(find_agent_id(session, site_id, report_filter.agent))
    of_agent = query.with_only_columns(row.decided_on, row.status, row.context)
    # The text narrows the rows in the database; the agent may be in the context without being credited.
    of_agent = of_agent.where(cast(row.context, Text).contains(agent_id))
    return [
        (day, status, 1)
        for day, status, context in session.execute(of_agent)
        if any(agent["id"] == agent_id for agent in read_credited_agents(context))
    ]
