"""The fields of a new site, on the set-up page and on "Add a site"."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask import current_app, request

from ...accounts import audit
from ...accounts.actors import Actor
from ...core.errors import Invalid
from ...core.marked_texts import marked
from ...core.text import has_controls
from ...sites.models import Site
from ...sites.service import check_time_zone, create_site
from ...sites.website import host_of, to_origins
from ...surveys.default_texts import describe_language, languages
from ...surveys.first_surveys import create_first_surveys
from ...surveys.language_tags import find_language

MAX_NAME_LENGTH = 200
MAX_FIELD_LENGTH = 1_000
Problems = dict[str, str]


def read_form(*names: str) -> dict[str, str]:
    """Return fields of the form as they were typed, for the page that shows them again."""
    return {name: request.form.get(name, "").strip()[:MAX_FIELD_LENGTH] for name in names}


def read_site_form() -> dict[str, Any]:
    """Return what was typed about the site."""
    form = read_form("site_name", "website", "language", "time_zone")
    return {**form, "more_languages": request.form.getlist("more_languages")[: len(languages())]}


def check_site_form(form: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the settings of the site; add a message to `problems` for each wrong field."""
    origins = check_field(problems, "website", lambda: to_origins(form["website"])) or [""]
    check_field(problems, "site_name", lambda: _check_name(form["site_name"]))
    check_field(problems, "time_zone", lambda: check_time_zone(form["time_zone"] or "UTC"))
    tags = list(dict.fromkeys([form["language"] or "en", *form["more_languages"]]))
    check_field(problems, "language", lambda: _check_languages(tags))
    return {
        "name": form["site_name"] or host_of(origins[0])[:MAX_NAME_LENGTH],
        "allowed_origins": origins,
        "languages": tags,
        "time_zone": form["time_zone"] or "UTC",
    }


def check_field(problems: Problems, name: str, check: Any) -> Any:
    """Return what a check returns; None if it fails, with its message in `problems`."""
    try:
        return check()
    except Invalid as error:
        problems[name] = error.detail
        return None


def create_checked_site(settings: dict[str, Any], *, by: Actor) -> Site:
    """Create a site with its first surveys, and record it in the audit log."""
    site, _ = create_site(current_app.config["SECRET_KEYS"], **settings)
    create_first_surveys(site)
    detail = {"name": site.name}
    audit.record(site.id, actor=by, action="site.created", target=f"site {site.key}", detail=detail)
    return site


def site_choices() -> dict[str, Any]:
    """Return what the fields offer: languages with their own names, time zones, and the browser's language."""
    tags = [tag.replace("_", "-") for tag in request.accept_languages.values()]
    browser_language = next(filter(None, map(find_language, tags)), "en")
    return {
        "languages": [(tag, describe_language(tag)["name"]) for tag in languages()],
        "browser_language": browser_language,
        "time_zones": time_zones(),
    }


def _check_name(name: str) -> None:
    if len(name) > MAX_NAME_LENGTH or has_controls(name):
        raise Invalid(
            marked("Enter a name of at most %(max_name_length)s characters.", max_name_length=MAX_NAME_LENGTH),
            pointer="/site_name",
        )


def _check_languages(tags: list[str]) -> None:
    if not set(tags) <= set(languages()):
        raise Invalid("Choose languages of the list.", pointer="/language")


@cache
def time_zones() -> list[str]:
    """Return the names that a person would choose, without the old aliases."""
    names = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))}
    return ["UTC", *sorted(names)]
