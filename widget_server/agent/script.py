"""The element's file, the same for every site."""

from __future__ import annotations

import functools

from flask import Response, request

from ..assets import STATIC
from ..doors import door


@door("anyone", "read")
def script() -> Response:
    """`agent.js`, kept for five minutes and then asked for by its tag."""
    response = Response(content(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300, stale-while-revalidate=86400"
    response.add_etag()
    response.make_conditional(request)
    return response


@functools.cache
def content() -> bytes:
    return (STATIC / "dist" / "agent.js").read_bytes()
