"""The page that calls: its site, whether it may, how often, and what it sent."""

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


def config() -> Config:
    config: Config = current_app.config["TILFREDS"]
    return config


def body(schema: Schema) -> dict[str, Any]:
    """The checked fields of a request that is read as JSON whatever its type says: `text/plain` needs no preflight."""
    most = config().max_body_bytes
    if request.content_length is not None and request.content_length > most:
        raise RequestEntityTooLarge()
    request.max_content_length = most
    data = request.get_data()
    if request.content_length is None and len(data) >= most:
        # Of a body that does not say how long it is the library reads this much, and leaves the rest unsaid.
        raise RequestEntityTooLarge()
    return parse_body(schema, data)


def site_of(key: str) -> Site:
    """The site of the key, for a page that may use it."""
    site = find_by_key(key)
    check_page(site, request.headers.get("Origin"))
    assert site is not None
    return site


def site_settings(connection: Connection, key: str, origin: str | None) -> SiteSettings:
    """The same on the votes' own connection, for a page of `origin`."""
    site = cached_settings(connection, key)
    check_page(site, origin)
    assert site is not None
    return site


def check_page(site: Any | None, origin: str | None) -> None:
    if site is None or not is_living(site):
        raise unknown_site()
    if not is_allowed(origin, site.allowed_origins, current_app.config["PUBLIC_URL"]):
        raise Forbidden(f"Pages of {origin} may not use this site's key. Add the origin to the site.", code="origin")


def unknown_site() -> NotFound:
    return NotFound("There is no site with this key. Copy the tag anew.", code="unknown_site")


def limit_source(name: str, key: str, per_minute: int) -> None:
    """Count one call of this source; what can be no key is not counted, or counters would hold any text at all."""
    if not is_key(key):
        raise unknown_site()
    rate_limits.hit(name, f"{key}/{client_network()}", per_minute)


def claim_of(fields: dict[str, Any], pressed_at: datetime | None = None) -> Claim:
    """What the page says of itself."""
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
    """Origin and path of a page; query and fragment may hold secrets and are dropped. No vote is lost for a bad one."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    return parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()[:500] or None


def one_target(fields: dict[str, Any]) -> None:
    """Either a token, or kind and subject."""
    has_subject = fields["kind"] is not None and fields["subject"] is not None
    if (fields["token"] is not None) == has_subject:
        raise Invalid("Send either `token`, or `kind` and `subject`.", pointer="/token")
