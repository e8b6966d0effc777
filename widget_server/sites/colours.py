"""Colours and how well they can be told apart (WCAG 2.2, 1.4.3 and 1.4.11). Pure sums over #rrggbb."""

from __future__ import annotations

import re

HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
Rgb = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """1 to 21. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio

    >>> round(contrast("#000000", "#ffffff"), 2), round(contrast("#767676", "#ffffff"), 2)
    (21.0, 4.54)
    """
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, share: float, ground: str) -> str:
    """What is seen of a colour that covers so much, 0 to 1, of its ground.

    >>> mixed("#000000", 0.75, "#ffffff")
    '#404040'
    """
    parts = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round((top * share + below * (1 - share)) * 255):02x}" for top, below in parts)


def luminance(colour: str) -> float:
    """0 to 1. https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> Rgb:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
