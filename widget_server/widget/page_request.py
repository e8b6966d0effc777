"""Read a page's request: its site, its permission, its rate limit and its body."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from marshmallow import Schema
from sqlalchemy import Connection
from werkzeug.exceptions import RequestEntityTooLarge

from ..core import clock
from ..core.config import Config
from ..core.errors import Forbidden, Invalid, NotFound
from ..invitations.ownership import Claim
from ..sites.models import Site
from ..sites.origins import is_allowed
from ..sites.service import find_by_key, is_key, is_living
from ..sites.site_cache import SiteSettings, cached_settings
from ..web import rate_limits
from ..web.client_address import client_network
from ..web.schema_loading import parse_body


def current_config() -> Config:
    config: Config = current_app.config["TILFREDS"]
    return config


def read_body(schema: Schema) -> dict[str, Any]:
    """Return the validated fields of the JSON body.

    The content type is ignored, because `text/plain` needs no preflight.
    """
    max_bytes = current_config().max_body_bytes
    if request.content_length is not None and request.content_length > max_bytes:
        raise RequestEntityTooLarge()
    request.max_content_length = max_bytes
    data = request.get_data()
    if request.content_length is None and len(data) >= max_bytes:
        # Of a body without a length the library reads this much and drops the rest silently.
        raise RequestEntityTooLarge()
    return parse_body(schema, data)


def find_allowed_site(key: str) -> Site:
    """Return the site of the key.

    Raises:
        NotFound: no site has this key.
        Forbidden: the site does not allow the page's origin.
    """
    site = find_by_key(key)
    check_page(site, request.headers.get("Origin"))
    assert site is not None
    return site


def site_settings(connection: Connection, key: str, origin: str | None) -> SiteSettings:
    """Return the settings of the key's site on the votes' connection. Raises what `site_of` does."""
    site = cached_settings(connection, key)
    check_page(site, origin)
    assert site is not None
    return site


def check_page(site: Site | SiteSettings | None, origin: str | None) -> None:
    if site is None or not is_living(site):
        raise unknown_site()
    if not is_allowed(origin, site.allowed_origins, current_app.config["PUBLIC_URL"]):
        raise Forbidden(f"Origin {origin} is not allowed; add it to the site's origins.", code="origin")


def unknown_site() -> NotFound:
    return NotFound("No site has this key; copy the script tag again.", code="unknown_site")


def limit_source(name: str, key: str, per_minute: int) -> None:
    """Count one call of this source. A malformed key is not counted, or counters would hold arbitrary text."""
    if not is_key(key):
        raise unknown_site()
    rate_limits.hit(name, f"{key}/{client_network()}", per_minute)


def limit_daily(name: str, key: str, per_day: int) -> None:
    """Count one call of this source in the window of a day."""
    rate_limits.hit_daily(name, f"{key}/{client_network()}", per_day)


def to_claim(fields: dict[str, Any], pressed_at: datetime | None = None) -> Claim:
    """Return the conversation and visitor that the page claims."""
    return Claim(
        conversation=fields.get("conversation"),
        browser=fields.get("browser"),
        visitor=fields["visitor"],
        signature=fields["signature"],
        expires=fields["expires"],
        pressed_at=pressed_at or clock.now(),
        page=page_path(fields["page"]),
        language=fields["lang"],
    )


def page_path(address: str | None) -> str | None:
    """Return origin and path of a page's address; None for a bad one, so that no vote is lost for it.

    Query and fragment are dropped because they may hold secrets.
    """
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    return parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()[:500] or None


def check_one_target(fields: dict[str, Any]) -> None:
    """Raise `Invalid` unless the fields hold either a token or both kind and subject."""
    has_subject = fields["kind"] is not None and fields["subject"] is not None
    if (fields["token"] is not None) == has_subject:
        raise Invalid("Send either `token` or both `kind` and `subject`.", pointer="/token")
