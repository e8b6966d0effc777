"""The scales: how many steps, what a step means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Scores run from `low` to `high`; `sentiments` has -1, 0 or 1 for each step, ascending."""

    name: str
    low: int
    sentiments: tuple[int, ...]

    @property
    def high(self) -> int:
        return self.low + len(self.sentiments) - 1

    def holds(self, score: int) -> bool:
        return self.low <= score <= self.high

    def sentiment(self, score: int) -> int:
        """-1 unhappy, 0 neither, 1 happy.

        >>> THREE.sentiment(3)
        1
        """
        return self.sentiments[score - self.low]

    def is_satisfied(self, score: int) -> bool:
        """Whether this answer counts as satisfied: the positive one of three, the upper of two."""
        return self.sentiment(score) > 0


THREE = Scale("three", 1, (-1, 0, 1))
THUMBS = Scale("thumbs", 1, (-1, 1))
SCALES = {scale.name: scale for scale in (THREE, THUMBS)}
#: The look decides the scale; thumbs have two answers and are a scale of their own.
LOOKS = {"faces": THREE, "words": THREE, "thumbs": THUMBS}
