"""Built files of static/dist, and scripts as they go out: compressed once, with their tag."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import brotli
from flask import Response, request
from werkzeug import Response as WireResponse

from ..core.assets import STATIC

DIST = STATIC / "dist"
TYPE = "text/javascript; charset=utf-8"


@dataclass(frozen=True)
class File:
    """Bytes as they go out, plain and brotli, with their tag."""

    plain: bytes
    small: bytes
    tag: str


def as_file(text: str) -> File:
    """A script, compressed as far as it goes: that is done once and served often."""
    plain = text.encode("utf-8")
    return File(
        plain, brotli.compress(plain, mode=brotli.MODE_TEXT, quality=11), hashlib.sha256(plain).hexdigest()[:20]
    )


def send(file: File, cache: str) -> WireResponse:
    """The file in the form that the browser takes, or that it has not changed."""
    small = request.accept_encodings["br"] > 0
    response = Response(file.small if small else file.plain, content_type=TYPE)
    if small:
        response.headers["Content-Encoding"] = "br"
    response.headers["Cache-Control"] = cache
    response.vary.add("Accept-Encoding")
    response.set_etag(file.tag + ("-br" if small else ""))
    return response.make_conditional(request)


def literal(value: Any) -> str:
    """JSON that is also safe JavaScript in any page that prints it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@functools.cache
def built(name: str) -> str:
    """The text of one of the built files."""
    return (DIST / name).read_text("utf-8")


@functools.cache
def manifest() -> dict[str, Any]:
    """Which files belong together, by static/build.mjs."""
    weights_and_parts: dict[str, Any] = json.loads(built("manifest.json"))
    return weights_and_parts
