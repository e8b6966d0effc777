"""The one file of a site: the built widget with the site's settings and texts in it, made and compressed once per
change.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import brotli
from flask import Response, request
from sqlalchemy import select
from werkzeug import Response as WireResponse

from ..assets import STATIC
from ..db import db
from ..doors import door
from ..errors import NotFound
from ..sites.models import Site
from ..sites.service import find_by_key
from ..surveys.models import PLACEMENTS, Survey
from ..surveys.service import newest_revision
from .languages import core_texts, page_texts, part_language, screenshot_offers

DIST = STATIC / "dist"
PLACEHOLDER = "__TILFREDS_SETTINGS__"
FRESH = "public, max-age=300, stale-while-revalidate=86400"
FOREVER = "public, max-age=31536000, immutable"
UNKNOWN = 'console.info("tilfreds: no site has this key. Copy the tag anew.");'
TYPE = "text/javascript; charset=utf-8"
#: For a part under a name of another version: what answers it changes with the next upgrade.
BRIEFLY = "public, max-age=300"
#: NAME-HASH.js: a part's name is "page", or a language, alone or behind what the part is about.
PART = re.compile(r"(page|(screenshot-|)([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*))(-[0-9a-f]{8}\.js)")
#: Libraries of others, under a name with their version.
VENDOR = STATIC / "vendor"


@dataclass(frozen=True)
class File:
    """Bytes as they go out, plain and brotli, with their tag."""

    plain: bytes
    small: bytes
    tag: str


def _file(text: str) -> File:
    plain = text.encode("utf-8")
    return File(
        plain, brotli.compress(plain, mode=brotli.MODE_TEXT, quality=11), hashlib.sha256(plain).hexdigest()[:20]
    )


_made: dict[UUID, tuple[int, File]] = {}


@door("anyone", "read")
def script(key: str) -> WireResponse:
    """The site's file. A removed site's is empty; an unknown key's says so in the console."""
    site = find_by_key(key)
    if site is None:
        return _send(_unknown_file(), FRESH)
    made = _made.get(site.id)
    if made is None or made[0] != site.version:
        made = _made[site.id] = (site.version, _file("" if site.removed_at else compose(site)))
    return _send(made[1], FRESH)


@door("anyone", "read")
def part(name: str) -> WireResponse:
    """A later step of the widget, named by the content of all.

    A file that a browser kept over an upgrade asks for the parts of its own version: today's answer it, see
    docs/versioning.md.
    """
    if name in _vendored():
        return _send(_file_of(VENDOR / name), FOREVER)
    named = PART.fullmatch(name)
    if named is None:
        raise NotFound("There is no such file.")
    what, about, language, ending = named.groups()
    today = manifest()["later"]
    file = _file_of(DIST / ((what if what == "page" else about + part_language(language)) + today))
    return _send(file, FOREVER if ending == today else BRIEFLY)


def compose(site: Site) -> str:
    """The widget of this site, then its adapters, placements and offers, which speak to it as a page's code does."""
    settings = settings_of(site)
    return filled(settings) + "".join(_extra(name, options) for name, options in extras_of(site, settings).items())


def extras_of(site: Site, settings: dict[str, Any]) -> dict[str, Any]:
    """What this site's file holds beside the widget: options by the name of an adapter, placement or offer, such as
    "adapters/crisp".
    """
    extras: dict[str, Any] = {}
    if any("screenshot" in survey for survey in settings["surveys"].values()):
        extras["offers/screenshot"] = {"words": screenshot_offers(site)}
    return extras


def _extra(name: str, options: Any) -> str:
    return f"({_extra_code(name)})({_literal(options)});\n"


def filled(settings: dict[str, Any]) -> str:
    """The built widget with these settings; a look with many steps brings the code that draws it."""
    literal = _literal(settings)
    if any("dressed" in survey for survey in settings["surveys"].values()):
        literal = f'{literal[:-1]},"dress":{_scales()}}}'
    return _widget().replace(PLACEHOLDER, literal, 1)


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
        "later": manifest()["later"],
    }


def _survey(site: Site, survey: Survey) -> dict[str, Any]:
    revision = newest_revision(site.id, survey.id)
    texts = page_texts(site, revision, survey.placement)
    del texts["scale"]
    return {"revision": str(revision.id), **texts}


def _literal(value: Any) -> str:
    """JSON that is also safe JavaScript in any page that prints it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@functools.cache
def _widget() -> str:
    return (DIST / "widget.js").read_text("utf-8")


@functools.cache
def _scales() -> str:
    return (DIST / "scales.js").read_text("utf-8")


@functools.cache
def _extra_code(name: str) -> str:
    return (DIST / f"{name}.js").read_text("utf-8")


@functools.cache
def manifest() -> dict[str, Any]:
    return json.loads((DIST / "manifest.json").read_text("utf-8"))


@functools.cache
def _unknown_file() -> File:
    return _file(UNKNOWN)


@functools.cache
def _vendored() -> frozenset[str]:
    return frozenset(path.name for path in VENDOR.glob("*.js"))


@functools.cache
def _file_of(path: Path) -> File:
    """One of the files that the manifest names, or of those of others."""
    return _file(path.read_text("utf-8"))


def _send(file: File, cache: str) -> WireResponse:
    small = request.accept_encodings["br"] > 0
    response = Response(file.small if small else file.plain, content_type=TYPE)
    if small:
        response.headers["Content-Encoding"] = "br"
    response.headers["Cache-Control"] = cache
    response.vary.add("Accept-Encoding")
    response.set_etag(file.tag + ("-br" if small else ""))
    return response.make_conditional(request)
