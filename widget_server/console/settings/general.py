"""The group "General": the name of a site, its addresses, time zone and languages."""

from __future__ import annotations

from typing import Any

from ...core.marked_texts import N_
from ...sites.models import Site
from ...surveys.default_texts import describe_language, languages
from ..sites.site_form import time_zones
from .group import Group
from .setting import Setting


def general_values(site: Site) -> dict[str, Any]:
    """Return what the fields offer: time zones, and languages with their own names."""
    return {
        "time_zones": list(dict.fromkeys([site.time_zone, *time_zones()])),
        "all_languages": [(tag, describe_language(tag)["name"]) for tag in languages()],
        "offered_tags": languages(),
    }


GENERAL = Group(
    "general",
    N_("General"),
    N_("The name of the site, the addresses that may use its key, its time zone and its languages."),
    (
        Setting("name", N_("Name"), N_("The console and mails call the site by this name."), "—", "console"),
        Setting(
            "allowed_origins",
            N_("Addresses"),
            N_("One per line; only pages at these addresses may send ratings with the site's key."),
            N_("No page"),
            "visits",
            "lines",
        ),
        Setting(
            "time_zone",
            N_("Time zone"),
            N_("A day of ratings begins and ends in this zone; earlier ratings keep their day."),
            "UTC",
            "reports",
            "choice",
        ),
        Setting(
            "languages",
            N_("Languages"),
            N_("A page shows the survey in its own language if it is one of these, otherwise in the first one."),
            N_("English"),
            "pages",
            "languages",
        ),
    ),
    template="console/settings_general.html",
    values=general_values,
)
