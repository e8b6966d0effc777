"""Read the built files of static/dist and send scripts, compressed once and with an entity tag."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import brotli
from flask import Response, request
from werkzeug import Response as WireResponse
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from ..core.assets import STATIC

DIST = STATIC / "dist"
CONTENT_TYPE = "text/javascript; charset=utf-8"
#: Browsers send only a few values of Accept-Encoding.
MAX_CACHED_ENCODINGS = 200


@dataclass(frozen=True)
class File:
    """The response bytes of a script, plain and brotli, with their entity tag."""

    plain: bytes
    compressed: bytes
    tag: str


def compress_script(text: str) -> File:
    """Compress a script at the highest quality, because it is compressed once and served often."""
    plain = text.encode("utf-8")
    return File(
        plain, brotli.compress(plain, mode=brotli.MODE_TEXT, quality=11), hashlib.sha256(plain).hexdigest()[:20]
    )


def send_script(file: File, cache: str, vary: str = "Accept-Encoding") -> WireResponse:
    """Respond with the file in an encoding that the browser accepts, or with 304 when it has not changed."""
    accepts_brotli = _accepts_brotli(request.headers.get("Accept-Encoding", ""))
    tag = f'"{file.tag}-br"' if accepts_brotli else f'"{file.tag}"'
    headers = [("Cache-Control", cache), ("Vary", vary), ("ETag", tag)]
    if request.headers.get("If-None-Match") == tag:
        # What browsers send. The library's comparison below takes as long as the whole response.
        return Response(status=304, headers=headers)
    if accepts_brotli:
        headers.append(("Content-Encoding", "br"))
    response = Response(file.compressed if accepts_brotli else file.plain, headers=headers, content_type=CONTENT_TYPE)
    return response.make_conditional(request) if "If-None-Match" in request.headers else response


@functools.lru_cache(MAX_CACHED_ENCODINGS)
def _accepts_brotli(header: str) -> bool:
    return parse_accept_header(header, Accept)["br"] > 0


def to_literal(value: Any) -> str:
    """Return the value as JSON that is also safe JavaScript inside any HTML page."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@functools.cache
def read_built_file(name: str) -> str:
    """Return the text of one of the built files."""
    return (DIST / name).read_text("utf-8")


@functools.cache
def read_manifest() -> dict[str, Any]:
    """Return the names and weights of the built files, as static/build.mjs writes them."""
    content: dict[str, Any] = json.loads(read_built_file("manifest.json"))
    return content
