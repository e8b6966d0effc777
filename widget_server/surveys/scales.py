"""Scales, the polarity of their scores, and the looks that show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sentiment = Literal["positive", "neutral", "negative"]
#: By sentiment.
SENTIMENTS: dict[int, Sentiment] = {1: "positive", 0: "neutral", -1: "negative"}


@dataclass(frozen=True)
class Scale:
    """A scale of scores from `low` to `high`; `polarities` has -1, 0 or 1 for each score, ascending.

    `satisfied` describes the satisfied scores in words; they are always those with polarity 1.
    """

    name: str
    low: int
    polarities: tuple[int, ...]
    satisfied: str
    #: Reports show a mean beside the share of satisfied scores.
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
        """Return -1 for a negative score, 0 for a neutral one and 1 for a positive one.

        >>> NPS.polarity(8)
        0
        """
        return self.polarities[score - self.low]

    def sentiment(self, score: int) -> Sentiment:
        """Return the polarity as a word."""
        return SENTIMENTS[self.polarity(score)]

    def is_satisfied(self, score: int) -> bool:
        """Return whether the score counts as satisfied.

        >>> FIVE.is_satisfied(4), CES_REVERSED.is_satisfied(2), NPS.is_satisfied(8)
        (True, True, False)
        """
        return self.polarity(score) > 0


def scale_points(negative: int, neutral: int, positive: int) -> tuple[int, ...]:
    """Return the polarities of a scale with these numbers of negative, neutral and positive scores."""
    return (-1,) * negative + (0,) * neutral + (1,) * positive


THREE = Scale("three", 1, scale_points(1, 1, 1), "the positive of three")
THUMBS = Scale("thumbs", 1, scale_points(1, 0, 1), "thumbs up")
FIVE = Scale("five", 1, scale_points(2, 1, 2), "the top two of five")
SEVEN = Scale("seven", 1, scale_points(3, 2, 2), "the top two of seven")
#: Practice differs for ten scores. Here the top three are satisfied: about as hard to earn as the top two of five.
TEN = Scale("ten", 1, scale_points(5, 2, 3), "8 to 10 of ten")
NPS = Scale("nps", 0, scale_points(7, 2, 2), "promoters: 9 and 10")
CES = Scale("ces", 1, scale_points(3, 2, 2), "6 and 7 of seven, 7 being easiest", has_mean=True)
#: The same scale with 1 as the easiest.
CES_REVERSED = Scale("ces_reversed", 1, CES.polarities[::-1], "1 and 2 of seven, 1 being easiest", has_mean=True)
SCALES = {scale.name: scale for scale in (THREE, THUMBS, FIVE, SEVEN, TEN, NPS, CES, CES_REVERSED)}
#: The highest score of all scales.
MAX_SCORE = max(scale.high for scale in SCALES.values())


@dataclass(frozen=True)
class Look:
    """A way to show a scale. Numbered looks have labels only at both ends."""

    name: str
    scale: Scale
    is_numbered: bool = False

    @property
    def needs_extra_code(self) -> bool:
        """Return whether it needs code that only the files of sites with such a look contain (static/src/looks)."""
        return self.scale is not THREE


#: The look determines the scale. Thumbs have two scores, so they have a separate scale.
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
#: The positive end of the effort scale; the revision stores it as its scale.
DIRECTIONS = {"up": CES, "down": CES_REVERSED}


def scale_of(look: str, direction: str = "up") -> Scale:
    """Return the scale of a look. Only the effort scale has two directions."""
    return DIRECTIONS[direction] if LOOKS[look].scale is CES else LOOKS[look].scale
