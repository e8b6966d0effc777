"""The refusal of forms and scripts of other sites, which would write with the console's cookie."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from ..core.errors import Forbidden


def refuse_foreign_post() -> None:
    """A form or script of another origin must not write with the console's cookie."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This came from another site.", code="csrf")
    origin = request.headers.get("Origin")
    if origin is not None and _host_of(origin) != request.host:
        raise Forbidden("This came from another site.", code="csrf")


def _host_of(origin: str) -> str | None:
    """None for what is no origin at all: anybody may send any header."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
