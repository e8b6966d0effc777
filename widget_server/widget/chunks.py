"""The later parts of the widget, fetched by name: those of this version, in the words of the site where it has some.

A name tells all that the file depends on, so it is kept for ever. A file that a browser kept over an upgrade, or over a
change of the site's words, asks for the parts of its own time: today's answer it, see docs/develop/versioning.md.
"""

from __future__ import annotations

import functools
import hashlib
import re

from flask import Response

from ..auth.access import requires
from ..core.assets import STATIC
from ..core.errors import NotFound
from ..sites.models import Site
from ..sites.service import find_by_key
from ..surveys.default_texts import later_words
from ..surveys.language_tags import find_language_or_english
from .files import File, as_file, built, literal, manifest, send
from .languages import later_texts

FOREVER = "public, max-age=31536000, immutable"
#: For a part under another name than today's: what answers it changes.
BRIEFLY = "public, max-age=300"
#: NAME-HASH.js, and with the words of a site NAME-HASH.KEY.HASH.js; a name is one of `OF_PAGES`, a language, or
#: a language behind one of `OF_SURVEYS`.
PART = re.compile(
    r"(page|quiet|(?:further-|screenshot-)?[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)"
    r"(-[0-9a-f]{8}(?:\.([A-Za-z0-9_-]{1,32})\.[0-9a-f]{8})?\.js)"
)
OF_PAGES = ("page", "quiet")
#: Parts of a language that only some surveys need.
OF_SURVEYS = ("further-", "screenshot-")
#: In place of the words in card-states.js.
PLACEHOLDER = "__TILFREDS_TEXTS__"
MAX_CACHED = 500
VENDOR = STATIC / "vendor"


@requires("anyone", "read")
def serve_chunk(name: str) -> Response:
    """A later part of the widget, or a library of others that it needs."""
    if name in _vendored():
        return send(_library(name), FOREVER)  # type: ignore[return-value]
    named = PART.fullmatch(name)
    if named is None:
        raise NotFound("There is no such file.")
    what, ending, key = named.groups()
    site = find_by_key(key) if key else None
    if key and site is None:
        raise NotFound("There is no site with this key.")
    today = ending_of(site) if site else manifest()["later"]
    return send(_file(what, site), FOREVER if ending == today else BRIEFLY)  # type: ignore[return-value]


def ending_of(site: Site) -> str:
    """The ending of the parts that a site's file asks for: everybody's, unless the site has later words of its own."""
    shared: str = manifest()["later"]
    ours = later_words(find_language_or_english(site.language))
    if not any(key in ours for own in site.texts.values() for key in own):
        return shared
    words = hashlib.sha256(literal([site.languages, site.texts]).encode()).hexdigest()[:8]
    return f"{shared.removesuffix('.js')}.{site.key}.{words}.js"


def _file(what: str, site: Site | None) -> File:
    if what in OF_PAGES:
        return _shared(what)
    for prefix in OF_SURVEYS:
        if what.startswith(prefix):
            return _shared(prefix + find_language_or_english(what.removeprefix(prefix)))
    words = later_texts(site, what) if site and site.texts else None
    language = find_language_or_english(what)
    return _shared(language) if words is None or words == later_words(language) else _worded(literal(words))


@functools.cache
def _shared(name: str) -> File:
    """One of the files that the manifest names."""
    return as_file(built(manifest()["parts"][name]))


@functools.cache
def _vendored() -> frozenset[str]:
    """Libraries of others, under names with their version."""
    return frozenset(path.name for path in VENDOR.glob("*.js"))


@functools.cache
def _library(name: str) -> File:
    return as_file((VENDOR / name).read_text("utf-8"))


@functools.lru_cache(MAX_CACHED)
def _worded(words: str) -> File:
    return as_file(built("card-states.js").replace(PLACEHOLDER, words, 1))
