"""The scales: which scores there are, and what each says. The same model serves every look that asks by a scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sentiment = Literal["positive", "neutral", "negative"]
#: By sentiment.
SENTIMENTS: dict[int, Sentiment] = {1: "positive", 0: "neutral", -1: "negative"}


@dataclass(frozen=True)
class Scale:
    """Scores run from `low` to `high`; `polarities` has -1, 0 or 1 for each step, ascending.

    `satisfied` says in words which answers count as such; they are always those whose polarity is 1.
    """

    name: str
    low: int
    polarities: tuple[int, ...]
    satisfied: str
    #: Reported as a mean, beside the share of the satisfied.
    has_mean: bool = False

    @property
    def high(self) -> int:
        return self.low + len(self.polarities) - 1

    @property
    def scores(self) -> range:
        return range(self.low, self.high + 1)

    def holds(self, score: int) -> bool:
        return self.low <= score <= self.high

    def polarity(self, score: int) -> int:
        """-1 unhappy, 0 neither, 1 happy.

        >>> NPS.polarity(8)
        0
        """
        return self.polarities[score - self.low]

    def sentiment(self, score: int) -> Sentiment:
        """The polarity as a word."""
        return SENTIMENTS[self.polarity(score)]

    def is_satisfied(self, score: int) -> bool:
        """Whether the answer counts among the satisfied.

        >>> FIVE.is_satisfied(4), CES_REVERSED.is_satisfied(2), NPS.is_satisfied(8)
        (True, True, False)
        """
        return self.polarity(score) > 0


def scale_points(unhappy: int, neither: int, happy: int) -> tuple[int, ...]:
    """Return the polarities of so many points each."""
    return (-1,) * unhappy + (0,) * neither + (1,) * happy


THREE = Scale("three", 1, scale_points(1, 1, 1), "the positive of three")
THUMBS = Scale("thumbs", 1, scale_points(1, 0, 1), "thumbs up")
FIVE = Scale("five", 1, scale_points(2, 1, 2), "the top two of five")
SEVEN = Scale("seven", 1, scale_points(3, 2, 2), "the top two of seven")
#: Practice differs for ten steps. Ours: the top three, so that a share of them is about as hard to earn as two of five.
TEN = Scale("ten", 1, scale_points(5, 2, 3), "8 to 10 of ten")
NPS = Scale("nps", 0, scale_points(7, 2, 2), "promoters: 9 and 10")
CES = Scale("ces", 1, scale_points(3, 2, 2), "6 and 7 of seven, 7 being easiest", has_mean=True)
#: The same question asked so that 1 is the easiest.
CES_REVERSED = Scale("ces_reversed", 1, CES.polarities[::-1], "1 and 2 of seven, 1 being easiest", has_mean=True)
SCALES = {scale.name: scale for scale in (THREE, THUMBS, FIVE, SEVEN, TEN, NPS, CES, CES_REVERSED)}
#: Of all scales.
MAX_SCORE = max(scale.high for scale in SCALES.values())


@dataclass(frozen=True)
class Look:
    """How a scale is shown. Numbered steps have words at both ends only."""

    name: str
    scale: Scale
    is_numbered: bool = False

    @property
    def needs_extra_code(self) -> bool:
        """Whether drawing it takes code that only the files of sites with such a look hold (static/src/looks)."""
        return self.scale is not THREE


#: The look decides the scale; thumbs have two answers and are a scale of their own.
LOOKS = {
    look.name: look
    for look in (
        Look("faces", THREE),
        Look("words", THREE),
        Look("thumbs", THUMBS),
        Look("faces5", FIVE),
        Look("words5", FIVE),
        Look("stars", FIVE),
        Look("stars7", SEVEN, is_numbered=True),
        Look("csat", TEN, is_numbered=True),
        Look("nps", NPS, is_numbered=True),
        Look("ces", CES, is_numbered=True),
    )
}
#: Which of the two ends of the effort scale is the good one; it is kept as the scale of the revision.
DIRECTIONS = {"up": CES, "down": CES_REVERSED}


def scale_of(look: str, direction: str = "up") -> Scale:
    """The scale of a look; only effort is asked in either direction."""
    return DIRECTIONS[direction] if LOOKS[look].scale is CES else LOOKS[look].scale
