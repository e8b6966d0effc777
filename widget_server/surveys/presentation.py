"""What a page is told of how a survey is shown; its words are chosen by language (widget/languages.py)."""

from __future__ import annotations

from typing import Any

from .scales import LOOKS, Scale


def presentation_of(look: str, scale: Scale) -> dict[str, Any]:
    """The look; the lowest score where that is not 1, and whether drawing it takes more code than the widget has."""
    shown: dict[str, Any] = {"look": look}
    if scale.low != 1:
        shown["low"] = scale.low
    if LOOKS[look].needs_extra_code:
        shown["dressed"] = True
    return shown
