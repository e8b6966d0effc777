"""Scores of agents over time.

They are sums of the agent's counters (`AgentTally`), of which each day with answers has a few. No vote is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from ..ratings.tally_models import AgentTally
from ..storage.prepared import AnySession
from ..surveys.models import SurveyRevision
from ..surveys.scales import SCALES
from .statistics.shares import MIN_ANSWERS, MIN_RELIABLE_ANSWERS, to_wilson_interval

By = Literal["day", "week", "month"]
PERIODS: tuple[By, ...] = get_args(By)
Excluded = Literal["without", "with"]
#: The statuses of the votes that are summed up. Suspected votes never are.
SCORED_STATUSES: dict[Excluded, tuple[str, ...]] = {"without": ("counted",), "with": ("counted", "excluded")}


@dataclass
class Score:
    """The number of answers of each sentiment, over all scales."""

    positive: int = 0
    neutral: int = 0
    negative: int = 0
    #: The scales of the answers.
    scales: set[str] = field(default_factory=set, compare=False, repr=False)

    @property
    def answered(self) -> int:
        return self.positive + self.neutral + self.negative

    @property
    def satisfied(self) -> float | None:
        """Return the share of positive answers, 0 to 1, or None without answers.

        >>> Score(positive=3, negative=1).satisfied
        0.75
        >>> Score().satisfied is None
        True
        """
        return self.positive / self.answered if self.answered else None

    @property
    def is_too_few(self) -> bool:
        """Return whether there are too few answers to show a share."""
        return self.answered < MIN_ANSWERS

    @property
    def is_few(self) -> bool:
        """Return whether the share is shown as tentative."""
        return self.answered < MIN_RELIABLE_ANSWERS

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 95 % confidence interval of `satisfied`, 0 to 1, or None without answers."""
        return to_wilson_interval(self.positive, self.answered)

    def to_json(self) -> dict[str, Any]:
        """Return counts, share and interval by name."""
        names = ("positive", "neutral", "negative", "answered", "satisfied", "interval")
        return {name: getattr(self, name) for name in names}

    def add(self, scale: str, score: int, n: int) -> None:
        """Add `n` answers of one score to their sentiment."""
        self.scales.add(scale)
        sentiment = SCALES[scale].sentiment(score)
        setattr(self, sentiment, getattr(self, sentiment) + n)


@dataclass(frozen=True)
class Scores:
    """The scores of one agent, in total and by period."""

    total: Score
    #: The periods with answers, oldest first, each with its first day.
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
    """Return the scores that this agent is credited with.

    An answer belongs to the day of its first press in the time zone of the site. `since` is inclusive, `until`
    exclusive.
    """
    query = _select_counts(site_id, agent_id, excluded, since, until)
    total = Score()
    periods: dict[date, Score] = {}
    for day, scale, score, n in session.execute(query):
        for sums in (total, periods.setdefault(to_first_day(day, by), Score())):
            sums.add(scale, score, n)
    return Scores(total, [(start, sums) for start, sums in sorted(periods.items()) if sums.answered])


def _select_counts(
    site_id: UUID, agent_id: UUID, excluded: Excluded, since: date | None, until: date | None
) -> Select[date, str, int, int]:
    """Select rows of (day, scale, score, n) from the counters of an agent."""
    tally, revision = AgentTally, SurveyRevision
    query = (
        select(tally.voted_on, revision.scale, tally.score, func.sum(tally.n))
        .join(revision, (revision.site_id == tally.site_id) & (revision.id == tally.revision_id))
        .where(tally.site_id == site_id, tally.agent_id == agent_id, tally.status.in_(SCORED_STATUSES[excluded]))
        .group_by(tally.voted_on, revision.scale, tally.score)
    )
    if since is not None:
        query = query.where(tally.voted_on >= since)
    return query if until is None else query.where(tally.voted_on < until)


def to_first_day(day: date, by: By) -> date:
    """Return the first day of the period that holds `day`. Weeks begin on Monday.

    >>> to_first_day(date(2026, 3, 4), "week"), to_first_day(date(2026, 3, 4), "month")
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 1))
    """
    if by == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if by == "week" else day


def latest_periods(today: date, by: By, n: int) -> list[date]:
    """Return the first days of the last `n` periods, the present one first.

    >>> latest_periods(date(2026, 3, 4), "month", 3)
    [datetime.date(2026, 3, 1), datetime.date(2026, 2, 1), datetime.date(2026, 1, 1)]
    """
    starts = [to_first_day(today, by)]
    while len(starts) < n:
        starts.append(to_first_day(starts[-1] - timedelta(days=1), by))
    return starts


def has_sentiment(score: Any, sentiment: str) -> ColumnElement[bool]:
    """Return whether a column's score has a sentiment on the scale of its `SurveyRevision`, in SQL."""
    return or_(
        *(
            and_(
                SurveyRevision.scale == scale.name,
                score.in_([value for value in scale.scores if scale.sentiment(value) == sentiment]),
            )
            for scale in SCALES.values()
        )
    )
