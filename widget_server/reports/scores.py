"""What the visitors of an agent answered, over time: sums of the counts that are kept with each vote.

Read are the agent's counters (`AgentTally`), a few for each day on which somebody answered; no vote is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from ..inbox.load_ratings import AnySession
from ..ratings.models import AgentTally
from ..surveys.models import SurveyRevision
from ..surveys.scales import SCALES
from .statistics import FEW, MIN_ANSWERED, wilson

By = Literal["day", "week", "month"]
PERIODS: tuple[By, ...] = get_args(By)
Excluded = Literal["without", "with"]
#: Which votes are summed up. Suspected ones never are.
VOTE_STATUSES: dict[Excluded, tuple[str, ...]] = {"without": ("counted",), "with": ("counted", "excluded")}


@dataclass
class Score:
    """Answers by their sentiment, whatever their scale."""

    positive: int = 0
    neutral: int = 0
    negative: int = 0

    @property
    def answered(self) -> int:
        return self.positive + self.neutral + self.negative

    @property
    def satisfied(self) -> float | None:
        """The share of positive answers, 0 to 1; None where nobody answered.

        >>> Score(positive=3, negative=1).satisfied
        0.75
        >>> Score().satisfied is None
        True
        """
        return self.positive / self.answered if self.answered else None

    @property
    def is_too_few(self) -> bool:
        """For a share at all."""
        return self.answered < MIN_ANSWERED

    @property
    def is_few(self) -> bool:
        """For a share that says much."""
        return self.answered < FEW

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between what the share of all who might have answered lies, in 95 of 100 cases; None where nobody did."""
        return wilson(self.positive, self.answered)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        names = ("positive", "neutral", "negative", "answered", "satisfied", "interval")
        return {name: getattr(self, name) for name in names}

    def add(self, scale: str, score: int, n: int) -> None:
        sentiment = SCALES[scale].sentiment(score)
        setattr(self, sentiment, getattr(self, sentiment) + n)


@dataclass(frozen=True)
class Scores:
    total: Score
    #: The periods in which somebody answered, oldest first, each under its first day.
    periods: list[tuple[date, Score]]


def agent_scores(
    session: AnySession,
    site_id: UUID,
    agent_id: UUID,
    *,
    by: By = "week",
    excluded: Excluded = "without",
    since: date | None = None,
    until: date | None = None,
) -> Scores:
    """The answers that this agent is credited with, by the site's days of their first press.

    `since` is the first day, `until` the first one that no longer counts.
    """
    wanted = _counts(site_id, AgentTally.voted_on, excluded, since, until).where(AgentTally.agent_id == agent_id)
    total = Score()
    periods: dict[date, Score] = {}
    for day, scale, score, n in session.execute(wanted):
        for sums in (total, periods.setdefault(first_day(day, by), Score())):
            sums.add(scale, score, n)
    return Scores(total, [(start, sums) for start, sums in sorted(periods.items()) if sums.answered])


def scores_of_agents(
    session: AnySession, site_id: UUID, agent_ids: Collection[UUID], *, excluded: Excluded, since: date, until: date
) -> dict[UUID, Score]:
    """The same of several agents, summed up; one for each of them."""
    found = {agent_id: Score() for agent_id in agent_ids}
    wanted = _counts(site_id, AgentTally.agent_id, excluded, since, until).where(AgentTally.agent_id.in_(agent_ids))
    for agent_id, scale, score, n in session.execute(wanted):
        found[agent_id].add(scale, score, n)
    return found


def _counts(
    site_id: UUID, column: InstrumentedAttribute[Any], excluded: Excluded, since: date | None, until: date | None
) -> Select[Any]:
    """(column, scale, score, n) of agents' answers."""
    tally, revision = AgentTally, SurveyRevision
    wanted = (
        select(column, revision.scale, tally.score, func.sum(tally.n))
        .join(revision, (revision.site_id == tally.site_id) & (revision.id == tally.revision_id))
        .where(tally.site_id == site_id, tally.status.in_(VOTE_STATUSES[excluded]))
        .group_by(column, revision.scale, tally.score)
    )
    if since is not None:
        wanted = wanted.where(tally.voted_on >= since)
    return wanted if until is None else wanted.where(tally.voted_on < until)


def first_day(day: date, by: By) -> date:
    """The day with which its period begins; weeks begin on Monday.

    >>> first_day(date(2026, 3, 4), "week"), first_day(date(2026, 3, 4), "month")
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 1))
    """
    if by == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if by == "week" else day


def latest_periods(today: date, by: By, n: int) -> list[date]:
    """The first days of the last `n` periods, the present one first.

    >>> latest_periods(date(2026, 3, 4), "month", 3)
    [datetime.date(2026, 3, 1), datetime.date(2026, 2, 1), datetime.date(2026, 1, 1)]
    """
    found = [first_day(today, by)]
    while len(found) < n:
        found.append(first_day(found[-1] - timedelta(days=1), by))
    return found
