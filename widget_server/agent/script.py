"""The files of agents' pages, the same for every site."""

from __future__ import annotations

import functools

from flask import Response, request

from ..auth.access import requires
from ..core.assets import STATIC


@requires("anyone", "read")
def serve_script() -> Response:
    """`agent.js`, the element of somebody's helpdesk."""
    return serve_file("agent.js")


@requires("anyone", "read")
def frame_script() -> Response:
    """`agent-frame.js`, what runs in `/embed/transcript`."""
    return serve_file("agent-frame.js")


def serve_file(name: str) -> Response:
    """A file that is kept for five minutes and then asked for by its tag."""
    response = Response(read_file(name), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300, stale-while-revalidate=86400"
    response.add_etag()
    response.make_conditional(request)
    return response


@functools.cache
def read_file(name: str) -> bytes:
    return (STATIC / "dist" / name).read_bytes()
