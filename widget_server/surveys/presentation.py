"""The presentation of a survey for a page, without its texts (widget/languages.py)."""

from __future__ import annotations

from typing import Any

from .scales import LOOKS, Scale


def presentation_of(look: str, scale: Scale) -> dict[str, Any]:
    """Return {"look"}, with "low" if the lowest score is not 1, and "dressed" if the look needs extra code."""
    presentation: dict[str, Any] = {"look": look}
    if scale.low != 1:
        presentation["low"] = scale.low
    if LOOKS[look].needs_extra_code:
        presentation["dressed"] = True
    return presentation
