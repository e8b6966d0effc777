"""The one file of a site: the built widget with the site's settings and texts in it, made and compressed once per
change.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
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
from ..surveys.models import Survey
from ..surveys.queries import revision_texts
from ..surveys.service import newest_revision
from ..surveys.words import widget_words

DIST = STATIC / "dist"
PLACEHOLDER = "__TILFREDS_SETTINGS__"
FRESH = "public, max-age=300, stale-while-revalidate=86400"
FOREVER = "public, max-age=31536000, immutable"
UNKNOWN = 'console.info("tilfreds: no site has this key. Copy the tag anew.");'
TYPE = "text/javascript; charset=utf-8"
#: No file of ours has a longer name, and no file system is asked for one.
LONGEST_NAME = 100


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
    """A later step of the widget, named by its content."""
    found = _part_file(name)
    if found is None:
        raise NotFound("There is no such file.")
    return _send(found, FOREVER)


def compose(site: Site) -> str:
    """The file of this site."""
    return filled(settings_of(site))


def filled(settings: dict[str, Any]) -> str:
    """The built widget with these settings; a look with many steps brings the code that draws it."""
    literal = _literal(settings)
    if any("dressed" in survey for survey in settings["surveys"]):
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
        "key": site.key,
        "lang": site.language,
        "surveys": [_survey(site, survey) for survey in newest.values()],
        "texts": {language: widget_words(language) for language in site.languages},
        "selector": site.article_selector,
        "share": site.article_share,
        "later": manifest()["later"],
    }


def _survey(site: Site, survey: Survey) -> dict[str, Any]:
    revision = newest_revision(site.id, survey.id)
    texts = revision_texts(site, revision, survey.placement)
    del texts["scale"]
    return {"placement": survey.placement, "revision": str(revision.id), **texts}


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
def manifest() -> dict[str, Any]:
    return json.loads((DIST / "manifest.json").read_text("utf-8"))


@functools.cache
def _unknown_file() -> File:
    return _file(UNKNOWN)


@functools.lru_cache(maxsize=256)
def _part_file(name: str) -> File | None:
    path = DIST / name[:LONGEST_NAME]
    if path.parent != DIST or path.suffix != ".js" or not path.is_file():
        return None
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
