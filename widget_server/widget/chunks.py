"""Serve the later parts of the widget by name, with the site's texts where it has some.

A name holds everything that the file depends on, so browsers cache the file forever. A loader that a browser cached
before an upgrade, or before a change of the site's texts, asks for older names and gets the current parts: see
docs/develop/versioning.md.
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
from .files import File, compress_script, read_built_file, read_manifest, send_script, to_literal
from .languages import later_texts

CACHE_FOREVER = "public, max-age=31536000, immutable"
#: For a part under an older name, because its content changes with the next upgrade.
CACHE_BRIEFLY = "public, max-age=300"
#: NAME-HASH.js, and with a site's texts NAME-HASH.KEY.HASH.js. A name is one of `PAGE_CHUNKS`, a language, or
#: a language after one of `SURVEY_PREFIXES`.
CHUNK_NAME = re.compile(
    r"(page|quiet|hints|surroundings|documents|xhr|check|(?:further-|screenshot-)?[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)"
    r"(-[0-9a-f]{8}(?:\.([A-Za-z0-9_-]{1,32})\.[0-9a-f]{8})?\.js)"
)
PAGE_CHUNKS = ("page", "quiet", "hints", "surroundings", "documents", "xhr", "check")
#: Prefixes of the parts of a language that only some surveys need.
SURVEY_PREFIXES = ("further-", "screenshot-")
#: Marks the place of the texts in card-states.js.
PLACEHOLDER = "__TILFREDS_TEXTS__"
MAX_CACHED_FILES = 500
VENDOR = STATIC / "vendor"


@requires("anyone", "read")
def serve_chunk(name: str) -> Response:
    """Serve a later part of the widget, or a vendored library that it needs."""
    if name in _vendored_names():
        return send_script(_vendored_file(name), CACHE_FOREVER)  # type: ignore[return-value]
    match = CHUNK_NAME.fullmatch(name)
    if match is None:
        raise NotFound("No file has this name.")
    chunk, suffix, key = match.groups()
    site = find_by_key(key) if key else None
    if key and site is None:
        raise NotFound("No site has this key.")
    current_suffix = chunk_suffix(site) if site else read_manifest()["later"]
    caching = CACHE_FOREVER if suffix == current_suffix else CACHE_BRIEFLY
    return send_script(_chunk_file(chunk, site), caching)  # type: ignore[return-value]


def chunk_suffix(site: Site) -> str:
    """Return the end of the names of a site's parts: the shared one unless the site replaces one of their texts."""
    shared_suffix: str = read_manifest()["later"]
    default_texts = later_words(find_language_or_english(site.language))
    if not any(key in default_texts for own_texts in site.texts.values() for key in own_texts):
        return shared_suffix
    texts_hash = hashlib.sha256(to_literal([site.languages, site.texts]).encode()).hexdigest()[:8]
    return f"{shared_suffix.removesuffix('.js')}.{site.key}.{texts_hash}.js"


def _chunk_file(chunk: str, site: Site | None) -> File:
    if chunk in PAGE_CHUNKS:
        return _shared_file(chunk)
    for prefix in SURVEY_PREFIXES:
        if chunk.startswith(prefix):
            return _shared_file(prefix + find_language_or_english(chunk.removeprefix(prefix)))
    texts = later_texts(site, chunk) if site and site.texts else None
    language = find_language_or_english(chunk)
    if texts is None or texts == later_words(language):
        return _shared_file(language)
    return _file_with_texts(to_literal(texts))


@functools.cache
def _shared_file(name: str) -> File:
    """Return one of the files that the manifest names."""
    return compress_script(read_built_file(read_manifest()["parts"][name]))


@functools.cache
def _vendored_names() -> frozenset[str]:
    """Return the file names of the vendored libraries; each holds its version."""
    return frozenset(path.name for path in VENDOR.glob("*.js"))


@functools.cache
def _vendored_file(name: str) -> File:
    return compress_script((VENDOR / name).read_text("utf-8"))


@functools.lru_cache(MAX_CACHED_FILES)
def _file_with_texts(texts: str) -> File:
    return compress_script(read_built_file("card-states.js").replace(PLACEHOLDER, texts, 1))
