"""The figure of one scale: its score with an interval, and whether it changed. Scales are never pooled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ..surveys.scales import NPS, SCALES, SENTIMENTS, Scale
from .scores import Score
from .statistics.means import MeanScore, compare_means
from .statistics.nps import NetScore, to_net_difference
from .statistics.shares import Interval, to_newcombe_interval, to_whole_percents

#: A share of satisfied answers (0 to 1), a net score (-100 to 100), or the mean of a scale.
Kind = Literal["share", "net", "mean"]
Verdict = Literal["higher", "lower", "unclear", "too_few"]


@dataclass(frozen=True)
class Figure:
    """The answers of one scale, and the score that they give."""

    scale: Scale
    #: By score.
    counts: Mapping[int, int]

    @property
    def kind(self) -> Kind:
        if self.scale is NPS:
            return "net"
        return "mean" if self.scale.has_mean else "share"

    @cached_property
    def sentiments(self) -> Score:
        """Return the counts by sentiment, with the satisfied share."""
        score = Score()
        for given_score, n in self.counts.items():
            score.add(self.scale.name, given_score, n)
        return score

    @property
    def answered(self) -> int:
        return self.sentiments.answered

    @property
    def shares(self) -> list[tuple[str, int]]:
        """Return the count of each sentiment."""
        return [(name, getattr(self.sentiments, name)) for name in SENTIMENTS.values()]

    @property
    def percents(self) -> dict[str, int]:
        """Return the share of each sentiment in whole percents, which add to 100."""
        percents = to_whole_percents([n for _, n in self.shares])
        return {name: percent for (name, _), percent in zip(self.shares, percents, strict=True)}

    @property
    def score_percents(self) -> list[tuple[int, int, int]]:
        """Return (score, count, share) of each score, lowest first; the shares are whole percents that add to 100."""
        counts = [self.counts.get(score, 0) for score in self.scale.scores]
        return list(zip(self.scale.scores, counts, to_whole_percents(counts), strict=True))

    @property
    def is_too_few(self) -> bool:
        return self.sentiments.is_too_few

    @property
    def is_few(self) -> bool:
        return self.sentiments.is_few

    @cached_property
    def net(self) -> NetScore:
        return NetScore(self.sentiments.positive, self.sentiments.neutral, self.sentiments.negative)

    @cached_property
    def mean(self) -> MeanScore:
        return MeanScore({score: self.counts.get(score, 0) for score in self.scale.scores})

    @property
    def value(self) -> float | None:
        """Return the score, or None without answers."""
        if self.kind == "net":
            return self.net.score
        return self.mean.mean if self.kind == "mean" else self.sentiments.satisfied

    @cached_property
    def interval(self) -> Interval | None:
        """Return the 95 % interval of `value`, or None if there are too few answers for one."""
        if self.kind == "net":
            return self.net.interval
        return self.mean.interval if self.kind == "mean" else self.sentiments.interval

    @property
    def limits(self) -> Interval:
        """Return the lowest and the highest value."""
        return {"share": (0.0, 1.0), "net": (-100.0, 100.0), "mean": (float(self.scale.low), float(self.scale.high))}[
            self.kind
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the figure as the API does; `value` is None below 5 answers."""
        counts = {str(score): self.counts.get(score, 0) for score in self.scale.scores}
        shown_value, shown_interval = (None, None) if self.is_too_few else (self.value, self.interval)
        return {
            "scale": self.scale.name,
            "kind": self.kind,
            "value": shown_value,
            "interval": shown_interval,
            "answered": self.answered,
            "is_tentative": self.is_few,
            "satisfied": None if self.is_too_few else self.sentiments.satisfied,
            "positive": self.sentiments.positive,
            "neutral": self.sentiments.neutral,
            "negative": self.sentiments.negative,
            "counts": counts,
        }


@dataclass(frozen=True)
class Change:
    """The difference between the figures of two periods."""

    verdict: Verdict
    #: In the unit of the figure; None if there are too few answers.
    difference: float | None = None
    interval: Interval | None = None


def make_figure(scale: str, counts: Mapping[int, int]) -> Figure:
    """Return the figure of a scale by its name."""
    return Figure(SCALES[scale], counts)


def compare_figures(figure: Figure, earlier_figure: Figure) -> Change:
    """Return how a figure changed. It is higher or lower only if the interval of the difference excludes 0."""
    value, earlier_value = figure.value, earlier_figure.value
    if figure.is_too_few or earlier_figure.is_too_few or value is None or earlier_value is None:
        return Change("too_few")
    interval = _interval_of_difference(figure, earlier_figure)
    difference = value - earlier_value
    if interval is None or interval[0] <= 0 <= interval[1]:
        return Change("unclear", difference, interval)
    return Change("higher" if difference > 0 else "lower", difference, interval)


def _interval_of_difference(figure: Figure, earlier_figure: Figure) -> Interval | None:
    if figure.kind == "net":
        return to_net_difference(figure.net, earlier_figure.net)
    if figure.kind == "mean":
        welch = compare_means(figure.mean, earlier_figure.mean)
        return None if welch is None else welch.interval
    now, before = figure.sentiments, earlier_figure.sentiments
    return to_newcombe_interval(now.positive, now.answered, before.positive, before.answered)
