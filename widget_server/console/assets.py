"""Serve the console's scripts and styles under addresses that change with their content."""

from __future__ import annotations

import functools
import hashlib
from pathlib import PurePath

from flask import Response, request, url_for

from ..auth.access import requires
from ..core.assets import STATIC
from ..core.errors import NotFound

FOLDER = STATIC / "console"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
CACHE_FOR_A_YEAR = "public, max-age=31536000, immutable"


@requires("anyone", "read")
def serve_file(version: str, name: str) -> Response:
    """Return a file; browsers cache it for a year if the address has its current version."""
    content = read_files().get(name)
    if content is None:
        raise NotFound("This file does not exist.")
    response = Response(content, content_type=TYPES[PurePath(name).suffix])
    response.headers["Cache-Control"] = CACHE_FOR_A_YEAR if version == current_version() else "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def file_address(name: str) -> str:
    return url_for("console.file", version=current_version(), name=name)


@functools.cache
def read_files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


@functools.cache
def current_version() -> str:
    """Return the version of all files: one for all, because modules import each other by relative addresses."""
    content = hashlib.sha256()
    for name, data in read_files().items():
        content.update(name.encode() + b"\0" + data)
    return content.hexdigest()[:12]
