"""Protection of the console against requests from other sites.

Browsers send them with the console's cookie.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from ..core.errors import Forbidden


def refuse_foreign_post() -> None:
    """Raise Forbidden for a request from a form or script of another origin."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("Cross-site request: send it from the console itself.", code="csrf")
    origin = request.headers.get("Origin")
    if origin is not None and _host_of(origin) != request.host:
        raise Forbidden("Cross-site request: send it from the console itself.", code="csrf")


def _host_of(origin: str) -> str | None:
    """Return the host of an origin; None for a malformed header."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
