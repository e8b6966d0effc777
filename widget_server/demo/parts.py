"""The shop's products."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A bicycle part; `drawing` names its picture in templates/drawings.html."""

    name: str
    fits: str
    price: str
    drawing: str
    stock: str = "In stock"


PARTS = (
    Part("Chain KR-10", "10 gears, 114 links", "€ 24", "chain"),
    Part("Cassette 11–36", "10 gears, steel", "€ 39", "cassette"),
    Part("Allroad tyre", "37-622, puncture guard", "€ 31", "tyre"),
    Part("Disc brake pads", "organic, one pair", "€ 14", "pads"),
    Part("Brass bell", "22 mm handlebar", "€ 18", "bell"),
    Part("Front light", "USB, 60 lux", "€ 46", "light", "Back on Friday"),
)
