"""Contrast and mixing of #rrggbb colours (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re

HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
Rgb = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio, 1 to 21. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.

    >>> round(contrast("#000000", "#ffffff"), 2), round(contrast("#767676", "#ffffff"), 2)
    (21.0, 4.54)
    """
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def blend(colour: str, opacity: float, background: str) -> str:
    """Return the visible colour of a layer with an opacity of 0 to 1 on a background.

    >>> blend("#000000", 0.75, "#ffffff")
    '#404040'
    """
    channels = zip(_channels(colour), _channels(background), strict=True)
    return "#" + "".join(f"{round((top * opacity + below * (1 - opacity)) * 255):02x}" for top, below in channels)


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 to 1. https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue
