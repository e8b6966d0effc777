"""The one file of a site: the built widget with the site's settings and texts in it, made and compressed once per
change.
"""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

from sqlalchemy import select
from werkzeug import Response as WireResponse

from ..db import db
from ..doors import door
from ..sites.models import Site
from ..sites.service import find_by_key
from ..sites.themes import css
from ..surveys.models import PLACEMENTS, Survey
from ..surveys.service import newest_revision
from .files import File, as_file, built, literal, send
from .languages import core_texts, page_texts
from .parts import ending_of

PLACEHOLDER = "__TILFREDS_SETTINGS__"
FRESH = "public, max-age=300, stale-while-revalidate=86400"
UNKNOWN = 'console.info("tilfreds: no site has this key. Copy the tag anew.");'

_made: dict[UUID, tuple[int, File]] = {}


@door("anyone", "read")
def script(key: str) -> WireResponse:
    """The site's file. A removed site's is empty; an unknown key's says so in the console."""
    site = find_by_key(key)
    if site is None:
        return send(_unknown_file(), FRESH)
    made = _made.get(site.id)
    if made is None or made[0] != site.version:
        made = _made[site.id] = (site.version, as_file("" if site.removed_at else compose(site)))
    return send(made[1], FRESH)


def compose(site: Site) -> str:
    """The widget of this site, then its adapters and placements, which speak to it as a page's own code does."""
    settings = settings_of(site)
    extras = extras_of(site, settings)
    return filled(settings) + "".join(_extra(name, options) for name, options in extras.items())


def extras_of(site: Site, settings: dict[str, Any]) -> dict[str, Any]:
    """What this site's file holds beside the widget: options by the name of an adapter or placement, such as
    "adapters/crisp", and the way to the steps after the first tap where a survey has some.
    """
    extras: dict[str, Any] = {}
    if site.theme:
        extras["placements/theme"] = css(site.theme)
    if any("steps" in survey for survey in settings["surveys"].values()):
        extras["steps/further"] = None
    return extras


def _extra(name: str, options: Any) -> str:
    return f"({built(f'{name}.js')})({literal(options)});\n"


def filled(settings: dict[str, Any]) -> str:
    """The built widget with these settings; a look with many steps brings the code that draws it."""
    text = literal(settings)
    if any("dressed" in survey for survey in settings["surveys"].values()):
        text = f'{text[:-1]},"dress":{built("scales.js")}}}'
    return built("widget.js").replace(PLACEHOLDER, text, 1)


def settings_of(site: Site) -> dict[str, Any]:
    """What the file knows of its site: see static/README.md."""
    open_surveys = db.session.scalars(
        select(Survey)
        .where(Survey.site_id == site.id, Survey.closed_at.is_(None))
        .order_by(Survey.created_at.desc(), Survey.id.desc())
    ).all()
    newest: dict[str, Survey] = {}
    for survey in open_surveys:
        newest.setdefault(survey.placement, survey)
    return {
        "lang": site.language,
        "surveys": {place: _survey(site, newest[place]) for place in PLACEMENTS if place in newest},
        "texts": core_texts(site),
        **({"selector": site.article_selector} if site.article_selector else {}),
        **({"share": site.article_share} if site.article_share < 1 else {}),
        "later": ending_of(site),
    }


def _survey(site: Site, survey: Survey) -> dict[str, Any]:
    revision = newest_revision(site.id, survey.id)
    texts = page_texts(site, revision, survey.placement)
    del texts["scale"]
    return {"revision": str(revision.id), **texts}


@functools.cache
def _unknown_file() -> File:
    return as_file(UNKNOWN)
