"""The one file of a site: the built widget with the site's settings and texts in it, made and compressed once per
change.
"""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import select
from werkzeug import Response as WireResponse

from ..auth.access import requires
from ..sites.models import Site
from ..sites.service import find_by_key
from ..sites.themes import to_css
from ..storage.db import db
from ..surveys.models import PLACEMENTS, Survey
from ..surveys.service import newest_revision
from .chunks import ending_of
from .files import File, as_file, built, literal, manifest, send
from .languages import core_texts, page_texts, screenshot_offers
from .page_request import config
from .placements import placements_of

PLACEHOLDER = "__TILFREDS_SETTINGS__"
FRESH = "public, max-age=300, stale-while-revalidate=86400"
UNKNOWN = 'console.info("tilfreds: no site has this key. Copy the tag anew.");'

#: By site and whether a tag asked: the version it was made of, and the file.
_made: dict[tuple[UUID, bool], tuple[int, File]] = {}


@requires("anyone", "read")
def serve_loader(key: str) -> WireResponse:
    """The site's file. A removed site's is empty; an unknown key's says so in the console."""
    site = find_by_key(key)
    if site is None:
        return send(_unknown_file(), FRESH)
    # Modules, code that fetches and runs it, and plugins that join scripts are known by what they do not send.
    by_tag = request.headers.get("Sec-Fetch-Mode") == "no-cors"
    made = _made.get((site.id, by_tag))
    if made is None or made[0] != site.version:
        home = {} if by_tag else {"home": config().site_file(site.key)}
        made = _made[site.id, by_tag] = (site.version, as_file("" if site.removed_at else compose(site, home)))
    response = send(made[1], FRESH)
    response.vary.add("Sec-Fetch-Mode")
    return response


def compose(site: Site, home: dict[str, str]) -> str:
    """The widget of this site, then its adapters and placements, which speak to it as a page's own code does.

    `home` is the file's own address, for pages that do not know it by their tag.
    """
    settings = settings_of(site) | home
    extras = extras_of(site, settings)
    return filled(settings) + "".join(_extra(name, options) for name, options in extras.items())


def extras_of(site: Site, settings: dict[str, Any]) -> dict[str, Any]:
    """What this site's file holds beside the widget: options by the name of an adapter or placement, such as
    "adapters/crisp", the way to the follow-up questions where a survey has some, and
    the offer of a screenshot.
    """
    extras: dict[str, Any] = {f"adapters/{name}": options for name, options in site.adapters.items()}
    extras |= placements_of(site)
    if site.theme:
        extras["placements/theme"] = to_css(site.theme)
    if any("questions" in survey for survey in settings["surveys"].values()):
        extras["questions/further"] = None
    if any("screenshot" in survey for survey in settings["surveys"].values()):
        extras["offers/screenshot"] = {"words": screenshot_offers(site)}
    # One that another version had is left out: the rest of the file is served as ever.
    return {name: options for name, options in extras.items() if name in manifest()["weights"]["extras"]}


def _extra(name: str, options: Any) -> str:
    """A page may hold the script twice; what is there already does not come again."""
    return f"tilfreds[{literal(name)}]??=({built(f'{name}.js')})({literal(options)})??1;\n"


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
    # In the order that compresses best.
    return {
        "texts": core_texts(site),
        "surveys": {place: _survey(site, newest[place]) for place in PLACEMENTS if place in newest},
        "later": ending_of(site),
        "lang": site.language,
        **({"share": site.article_share} if site.article_share < 1 else {}),
    }


def _survey(site: Site, survey: Survey) -> dict[str, Any]:
    revision = newest_revision(site.id, survey.id)
    texts = page_texts(site, revision, survey.placement)
    del texts["scale"]
    return {"revision": str(revision.id), **texts}


@functools.cache
def _unknown_file() -> File:
    return as_file(UNKNOWN)
