"""The console's script and styles, under an address that changes with their content."""

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
FOREVER = "public, max-age=31536000, immutable"


@requires("anyone", "read")
def file(version: str, name: str) -> Response:
    """A file as of now; kept for ever only under the version that it is of."""
    content = known().get(name)
    if content is None:
        raise NotFound("There is no such file.")
    response = Response(content, content_type=TYPES[PurePath(name).suffix])
    response.headers["Cache-Control"] = FOREVER if version == current_version() else "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def address(name: str) -> str:
    return url_for("console.file", version=current_version(), name=name)


@functools.cache
def known() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


@functools.cache
def current_version() -> str:
    """One for all of them, so that modules find each other beside themselves."""
    content = hashlib.sha256()
    for name, data in known().items():
        content.update(name.encode() + b"\0" + data)
    return content.hexdigest()[:12]
