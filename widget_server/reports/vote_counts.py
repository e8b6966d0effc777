"""The votes of a report by day, scale and score, from the counters that can answer its filter.

The counters of the site know the channel, those of agents and of articles do not. A filter that needs two of them at
once counts the votes themselves, by the index of the agent's or of the article's list.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from ..conversations.models import Agent
from ..ratings.models import CreditedVote, Vote
from ..ratings.tally_models import AgentTally, SubjectTally, Tally
from ..storage.prepared import AnySession
from ..subjects.models import Subject
from ..subjects.names import to_name
from ..surveys.models import SurveyRevision
from .report_filter import ReportFilter
from .scores import SCORED_STATUSES

#: What a report can be cut by.
Cut = Literal["channel", "survey", "agent", "article", "weekday", "verified"]
CUTS: tuple[Cut, ...] = get_args(Cut)
#: Counts by score.
ScoreCounts = dict[int, int]
#: The days of a site begin at most this long before or after those of UTC.
ZONE_MARGIN = timedelta(days=2)


@dataclass(frozen=True)
class Source:
    """Columns that hold or count votes. A missing column cannot be filtered or cut by."""

    votes: Select[Any]
    site_id: Any
    voted_on: Any
    revision_id: Any
    score: Any
    verified: Any
    status: ColumnElement[str]
    n: ColumnElement[int]
    channel: Any = None
    agent_id: Any = None
    subject_id: Any = None
    #: The table by whose ids the counters are ordered before their days.
    by: type[Agent] | type[Subject] | None = None


def count_by_day(session: AnySession, site_id: UUID, report_filter: ReportFilter) -> dict[str, dict[date, ScoreCounts]]:
    """Return the counts by score of each scale and day."""
    counts: dict[str, dict[date, ScoreCounts]] = defaultdict(lambda: defaultdict(dict))
    source = choose_source(report_filter)
    for day, scale, score, n in session.execute(_select(session, site_id, report_filter, source, source.voted_on)):
        if n and report_filter.has_day(day):
            counts[scale][day][score] = n
    return counts


def count_by_group(
    session: AnySession, site_id: UUID, report_filter: ReportFilter, cut: Cut, scale: str
) -> dict[Any, ScoreCounts]:
    """Return the counts by score of each group of a cut, of one scale.

    Groups are channels, ids of surveys, agents and subjects, weekdays, or whether the visitor is verified.
    """
    counts: dict[Any, ScoreCounts] = defaultdict(lambda: defaultdict(int))
    source = choose_source(report_filter, cut)
    column = _column_of(source, cut)
    # The weekday is a filter, too, so the days are read only if one of both needs them.
    needs_days = cut == "weekday" or bool(report_filter.weekday)
    columns = (column, source.voted_on) if needs_days and cut != "weekday" else (column,)
    query = _select(session, site_id, report_filter, source, *columns).where(SurveyRevision.scale == scale)
    for group, *days, _, score, n in session.execute(query):
        day = days[0] if days else group
        if n and (not needs_days or report_filter.has_day(day)):
            counts[group.weekday() if cut == "weekday" else group][score] += n
    return counts


def choose_source(report_filter: ReportFilter, cut: Cut | None = None) -> Source:
    """Return the cheapest source that has all columns of a filter and a cut."""
    needs_agent = report_filter.agent is not None or cut == "agent"
    needs_article = report_filter.article is not None or cut == "article"
    needs_channel = bool(report_filter.channel) or cut == "channel"
    if needs_agent + needs_article + needs_channel > 1:
        return votes_source(report_filter, of_agents=needs_agent)
    if needs_agent:
        return _counter_source(AgentTally, agent_id=AgentTally.agent_id, by=Agent)
    if needs_article:
        return _counter_source(SubjectTally, subject_id=SubjectTally.subject_id, by=Subject)
    return _counter_source(Tally, channel=Tally.channel)


def votes_source(report_filter: ReportFilter, *, of_agents: bool) -> Source:
    """Return the votes themselves as a source; `of_agents` has a row for each credited agent."""
    first_at = CreditedVote.first_at if of_agents else Vote.first_at
    joined = select().select_from(Vote)
    if of_agents:
        is_same = and_(Vote.site_id == CreditedVote.site_id, Vote.id == CreditedVote.vote_id)
        joined = select().select_from(CreditedVote).join(Vote, is_same)
    first, last = midnight(report_filter.since) - ZONE_MARGIN, midnight(report_filter.until) + ZONE_MARGIN
    return Source(
        joined.where(Vote.score.is_not(None), first_at >= first, first_at < last),
        site_id=CreditedVote.site_id if of_agents else Vote.site_id,
        voted_on=Vote.voted_on,
        revision_id=Vote.revision_id,
        score=Vote.score,
        verified=Vote.verified,
        status=vote_status_column(),
        n=func.count(),
        channel=Vote.channel,
        agent_id=CreditedVote.agent_id if of_agents else None,
        subject_id=Vote.subject_id,
    )


def vote_status_column() -> ColumnElement[str]:
    """Return the status of a vote in SQL, as `vote_status` computes it."""
    return case(
        (Vote.excluded_at.is_not(None), "excluded"), (Vote.suspicion_reason.is_not(None), "suspected"), else_="counted"
    )


def _counter_source(tally: type[Tally] | type[AgentTally] | type[SubjectTally], **columns: Any) -> Source:
    return Source(
        select().select_from(tally),
        site_id=tally.site_id,
        voted_on=tally.voted_on,
        revision_id=tally.revision_id,
        score=tally.score,
        verified=tally.verified,
        status=tally.status.expression,
        n=func.sum(tally.n),
        **columns,
    )


def _select(
    session: AnySession, site_id: UUID, report_filter: ReportFilter, source: Source, *columns: Any
) -> Select[Any]:
    """Select rows of (columns, scale, score, n)."""
    revision = SurveyRevision
    return (
        source.votes.add_columns(*columns, revision.scale, source.score, source.n)
        .join(revision, (revision.site_id == source.site_id) & (revision.id == source.revision_id))
        .where(source.site_id == site_id, *conditions_of(session, site_id, report_filter, source))
        .group_by(*columns, revision.scale, source.score)
    )


def conditions_of(
    session: AnySession, site_id: UUID, report_filter: ReportFilter, source: Source
) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter but the weekday; `SurveyRevision` must be joined."""
    conditions: list[ColumnElement[bool]] = [
        source.voted_on >= report_filter.since,
        source.voted_on < report_filter.until,
        source.status.in_(SCORED_STATUSES[report_filter.excluded]),
    ]
    if report_filter.channel:
        conditions.append(source.channel.in_(report_filter.channel))
    if report_filter.survey:
        conditions.append(SurveyRevision.survey_id.in_(report_filter.survey))
    if report_filter.verified is not None:
        conditions.append(source.verified.is_(report_filter.verified))
    if report_filter.agent is not None:
        conditions.append(source.agent_id == find_agent_id(session, site_id, report_filter.agent))
    elif source.by is Agent:
        conditions.append(has_any(Agent, source.agent_id, site_id))
    if report_filter.article is not None:
        conditions.append(source.subject_id.in_(find_article_ids(session, site_id, report_filter.article)))
    elif source.by is Subject:
        conditions.append(has_any(Subject, source.subject_id, site_id))
    return conditions


def has_any(table: type[Agent] | type[Subject], column: Any, site_id: UUID) -> ColumnElement[bool]:
    """Return a condition that every row meets.

    The counters of agents and subjects are ordered by these first and by day second, so without their ids a database
    reads the counters of all days.
    """
    return column.in_(select(table.id).where(table.site_id == site_id))  # type: ignore[no-any-return]


def find_agent_id(session: AnySession, site_id: UUID, external_id: str) -> UUID | None:
    """Return the id of an agent by the one of the owner; None matches no vote."""
    return session.scalar(select(Agent.id).where(Agent.site_id == site_id, Agent.external_id == external_id))


def find_article_ids(session: AnySession, site_id: UUID, name: str) -> list[UUID]:
    """Return the subjects that a path or name means."""
    names = {name, to_name("article", name)}
    of_name = or_(*(Subject.subject == one_name for one_name in sorted(names)))
    return list(session.scalars(select(Subject.id).where(Subject.site_id == site_id, of_name)))


def _column_of(source: Source, cut: Cut) -> Any:
    return {
        "channel": source.channel,
        "survey": SurveyRevision.survey_id,
        "agent": source.agent_id,
        "article": source.subject_id,
        "weekday": source.voted_on,
        "verified": source.verified,
    }[cut]


def midnight(day: date) -> datetime:
    """Return the first moment of a day in UTC."""
    return datetime.combine(day, time.min, UTC)
