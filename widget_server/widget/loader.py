"""Serve the loader: the built widget with a site's settings and texts, composed once per change of the site."""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import select
from werkzeug import Response as WireResponse

from ..auth.access import requires
from ..sites.models import Site
from ..sites.recent import BROWSER_SECONDS, find_recent, keep_recent
from ..sites.service import find_by_key
from ..sites.themes import to_css
from ..storage.db import db
from ..surveys.models import PLACEMENTS, Survey
from ..surveys.service import newest_revision
from .chunks import chunk_suffix
from .files import File, compress_script, read_built_file, read_manifest, send_script, to_literal
from .languages import core_texts, page_texts, screenshot_offers
from .page_request import current_config
from .placements import placements_of

PLACEHOLDER = "__TILFREDS_SETTINGS__"
VARYING = "Accept-Encoding, Sec-Fetch-Mode"
CACHING = f"public, max-age={BROWSER_SECONDS}, stale-while-revalidate=86400"
#: A page that was opened with the link of a check shows there that the key is unknown.
UNKNOWN_SITE = """console.info("tilfreds: No site has this key. Copy the script tag again.");
if(/tilfreds=/.test(location.search)){
let base=document.currentScript.src.replace(/\\.js.*/,"");
import(base.replace(/[^/]*$/,"-/check%s")).then((part)=>part.default(base));
}
"""

#: By site and whether a script tag asked: the site's version, and the file composed for it.
_composed_files: dict[tuple[UUID, bool], tuple[int, File]] = {}


@requires("anyone", "read")
def serve_loader(key: str) -> WireResponse:
    """Serve the site's file: an empty one for a removed site, a line for the console for an unknown key."""
    # A script tag sends no-cors. Modules, code that fetches the file and plugins that join scripts do not, so their
    # file needs its address.
    by_tag = request.headers.get("Sec-Fetch-Mode") == "no-cors"
    file: File | None = find_recent(key, by_tag)
    if file is None:
        file = _find_file(key, by_tag=by_tag)
        if file is None:
            return send_script(_unknown_file(), CACHING)
        keep_recent(key, by_tag, file)
    return send_script(file, CACHING, VARYING)


def _find_file(key: str, *, by_tag: bool) -> File | None:
    """Return the file of a site's current version, or None for an unknown key."""
    site = find_by_key(key)
    if site is None:
        return None
    version, file = _composed_files.get((site.id, by_tag), (None, None))
    if file is None or version != site.version:
        home = {} if by_tag else {"home": current_config().site_file(site.key)}
        file = compress_script("" if site.removed_at else compose(site, home))
        _composed_files[site.id, by_tag] = (site.version, file)
    return file


def compose(site: Site, home: dict[str, str]) -> str:
    """Return the widget of this site, then its adapters and placements, which call it as a page's code does.

    `home` is the file's own address, for pages that do not know it by their tag.
    """
    settings = build_settings(site) | home
    extras = list_extras(site, settings)
    return fill(settings) + "".join(_extra(name, options) for name, options in extras.items())


def list_extras(site: Site, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the scripts that this site's file holds after the widget, by name of the script.

    Names are those of adapters and placements, such as "adapters/crisp"; "questions/further" where a survey has
    follow-up questions, and "offers/screenshot" where one offers a screenshot.
    """
    extras: dict[str, Any] = {f"adapters/{name}": options for name, options in site.adapters.items()}
    extras |= placements_of(site)
    if site.theme:
        extras["placements/theme"] = to_css(site.theme)
    if any("questions" in survey for survey in settings["surveys"].values()):
        extras["questions/further"] = None
    if any("screenshot" in survey for survey in settings["surveys"].values()):
        extras["offers/screenshot"] = {"words": screenshot_offers(site)}
    # A script that only another version had is left out, so the rest of the file still works.
    return {name: options for name, options in extras.items() if name in read_manifest()["weights"]["extras"]}


def _extra(name: str, options: Any) -> str:
    """Return a script that runs once, because a page may include the file twice."""
    return f"tilfreds[{to_literal(name)}]??=({read_built_file(f'{name}.js')})({to_literal(options)})??1;\n"


def fill(settings: dict[str, Any]) -> str:
    """Return the built widget with these settings, and with the code that draws a longer scale where one needs it."""
    text = to_literal(settings)
    if any("dressed" in survey for survey in settings["surveys"].values()):
        text = f'{text[:-1]},"dress":{read_built_file("scales.js")}}}'
    return read_built_file("widget.js").replace(PLACEHOLDER, text, 1)


def build_settings(site: Site) -> dict[str, Any]:
    """Return the settings that the file holds of its site: see static/README.md."""
    open_surveys = db.session.scalars(
        select(Survey)
        .where(Survey.site_id == site.id, Survey.closed_at.is_(None))
        .order_by(Survey.created_at.desc(), Survey.id.desc())
    ).all()
    newest: dict[str, Survey] = {}
    for survey in open_surveys:
        newest.setdefault(survey.placement, survey)
    # This order compresses best.
    return {
        "texts": core_texts(site),
        "surveys": {place: _survey(site, newest[place]) for place in PLACEMENTS if place in newest},
        "later": chunk_suffix(site),
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
    return compress_script(UNKNOWN_SITE % read_manifest()["later"])
