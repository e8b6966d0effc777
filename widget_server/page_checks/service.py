"""Start checks, sign their links, and store their results. Functions flush and never commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy import Delete, delete, select

from ..core import clock, tokens
from ..core.errors import Invalid, NotFound
from ..core.text import has_controls
from ..events.publish import publish
from ..sites.models import Site
from ..sites.website import to_origins
from ..storage.db import db
from ..surveys.models import Survey
from .causes import CAUSES, Finding
from .models import MAX_ADDRESS_LENGTH, PageCheck

LINK_LIFETIME = timedelta(minutes=15)
KEPT_FOR = timedelta(days=1)
PARAMETER = "tilfreds"
PREFIX, PURPOSE = "tfc", "page-check"
MAX_FINDINGS = 40
#: The elements that an open survey serves, by its placement.
KINDS_OF_PLACEMENT: Mapping[str, frozenset[str]] = {
    "chat_end": frozenset({"conversation"}),
    "article": frozenset({"article", "page"}),
}


class LinkedCheck(NamedTuple):
    """The check that a link names, and the key of its site."""

    site_key: str
    check_id: UUID


def to_address(text: str) -> str:
    """Return the address of a page as a person types it, with a scheme and without a fragment.

    Raises:
        Invalid: it is not the address of a page.
    """
    text = text.strip()
    text = text if "://" in text else f"//{text}"
    if has_controls(text):
        raise Invalid("Remove control characters from the address.", pointer="/address")
    if len(text) > MAX_ADDRESS_LENGTH - 1:
        raise Invalid("This address is too long. Enter at most 2,000 characters.", pointer="/address")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise Invalid("This is not the address of a page.", pointer="/address") from error
    (origin, *_) = to_origins(urlunsplit((*parts[:2], "", "", "")))
    return origin + urlunsplit(("", "", parts.path or "/", parts.query, ""))


def start_check(site: Site, address: str) -> PageCheck:
    check = PageCheck(site_id=site.id, address=to_address(address), created_at=clock.now())
    db.session.add(check)
    db.session.flush()
    return check


def drop_old_checks(now: datetime) -> Delete:
    """Return the statement that deletes the checks older than a day."""
    return delete(PageCheck).where(PageCheck.created_at < now - KEPT_FOR)


def find_check(site_id: UUID, check_id: UUID) -> PageCheck:
    """Return a check of the site. Raise NotFound if it has none with this id."""
    check = db.session.get(PageCheck, (site_id, check_id))
    if check is None:
        raise NotFound("This check does not exist; checks are deleted after a day. Start a new one.")
    return check


def sign_link(site: Site, check: PageCheck, secret_keys: Sequence[bytes]) -> str:
    """Return the address of the page with a token that ends 15 minutes after the start of the check."""
    claims = {"check": str(check.id), "site": site.key}
    token = tokens.sign(secret_keys, PREFIX, PURPOSE, claims, check.created_at + LINK_LIFETIME)
    separator = "&" if urlsplit(check.address).query else "?"
    return f"{check.address}{separator}{PARAMETER}={token}"


def read_link(token: str, secret_keys: Sequence[bytes]) -> LinkedCheck:
    """Return the check of a link's token.

    Raises:
        BadToken: the token was altered or has expired.
    """
    claims = tokens.verify(secret_keys, PREFIX, PURPOSE, token, clock.now())
    return LinkedCheck(claims["site"], UUID(claims["check"]))


def store_findings(check: PageCheck, findings: Iterable[Finding], now: datetime) -> None:
    """Store a result, and tell open pages of the console."""
    check.findings = [[code, dict(values)] for code, values in findings][:MAX_FINDINGS]
    check.checked_at = now
    publish(db.session, check.site_id, "site.contacted", at=now)


def findings_of(check: PageCheck) -> list[Finding]:
    """Return the result of a check; another version may have stored causes that this one does not know."""
    return [Finding(code, values) for code, values in check.findings or () if code in CAUSES]


def to_findings(items: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Return findings that a page reported, without unknown causes."""
    return [Finding(item["code"], item["values"]) for item in items if item["code"] in CAUSES]


def find_open_kinds(site: Site) -> frozenset[str]:
    """Return the kinds of elements for which a survey is open."""
    placements = db.session.scalars(
        select(Survey.placement).where(Survey.site_id == site.id, Survey.closed_at.is_(None)).distinct()
    )
    return frozenset(kind for placement in placements for kind in KINDS_OF_PLACEMENT.get(placement, ()))
