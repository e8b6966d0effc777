"""The places that a person cannot open without a second factor."""

from __future__ import annotations

from flask import current_app

from ...accounts import factors
from ...accounts.models import User
from ...web.translations import translate as _
from ..sites.switcher import visible_sites


def places_without_factor(user: User) -> list[str]:
    """Return the names of the sites that require a factor, if the user has none."""
    if factors.has_factor(user.id):
        return []
    if current_app.config["TILFREDS"].second_factor_required:
        return [_("All sites")]
    return [site.name for site in visible_sites() if site.second_factor_required]
