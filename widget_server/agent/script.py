"""Serve the scripts for helpdesks, which are the same for every site."""

from __future__ import annotations

import functools

from flask import Response, request

from ..auth.access import requires
from ..core.assets import STATIC


@requires("anyone", "read")
def serve_script() -> Response:
    """Return `agent.js`, the element for a helpdesk's page."""
    return serve_file("agent.js")


@requires("anyone", "read")
def serve_frame_script() -> Response:
    """Return `agent-frame.js`, the script of `/embed/transcript`."""
    return serve_file("agent-frame.js")


def serve_file(name: str) -> Response:
    """Return a file that browsers cache for five minutes, and then revalidate by its ETag."""
    response = Response(read_file(name), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300, stale-while-revalidate=86400"
    response.add_etag()
    response.make_conditional(request)
    return response


@functools.cache
def read_file(name: str) -> bytes:
    return (STATIC / "dist" / name).read_bytes()
