"""The surveys with which a new site starts."""

from __future__ import annotations

from collections.abc import Sequence

from ..sites.models import Site
from .models import PLACEMENTS
from .service import create_survey

NAMES = {"chat_end": "After a chat", "article": "Under an article"}


def create_first_surveys(site: Site, placements: Sequence[str] = PLACEMENTS) -> None:
    """Create a survey with the default texts for each placement."""
    for placement in placements:
        create_survey(site, name=NAMES[placement], placement=placement)
