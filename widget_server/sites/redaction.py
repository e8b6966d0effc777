"""What a site masks in the words of its visitors (core/redaction.py finds it)."""

from __future__ import annotations

from ..core import redaction
from ..core.errors import Invalid


def check_redaction(value: list[str]) -> list[str]:
    """Return the kinds in a fixed order, each once."""
    for position, kind in enumerate(value):
        if kind not in redaction.KINDS:
            raise Invalid(f"Redaction must be of {', '.join(redaction.KINDS)}.", pointer=f"/redaction/{position}")
    return [kind for kind in redaction.KINDS if kind in value]
