"""The sites at which the signed-in person has a role: the first ones, and those that a search finds."""

from __future__ import annotations

from typing import NamedTuple

from flask import g, request, url_for
from sqlalchemy import Select, select

from ...accounts.roles import Rights
from ...core.text import fold
from ...sites.models import Site
from ...storage.db import db

#: Sites in the switcher; a search finds more.
MAX_SHOWN = 12


class SiteLink(NamedTuple):
    """A site of the switcher."""

    name: str
    address: str
    is_current: bool


class SiteChoices(NamedTuple):
    """What the switcher offers."""

    links: list[SiteLink]
    #: Whether there are more sites, which a search finds.
    has_more: bool


class SitePage(NamedTuple):
    """A page of the list of sites."""

    sites: list[Site]
    total: int


def switcher_choices() -> SiteChoices:
    """Return the first sites by name, each with the page of the same kind as the open one."""
    sites = list(db.session.scalars(_visible().limit(MAX_SHOWN + 1)))
    current = g.get("site")
    links = [SiteLink(site.name, _address_at(site), current is not None and site.id == current.id) for site in sites]
    return SiteChoices(links[:MAX_SHOWN], len(sites) > MAX_SHOWN)


def visible_sites() -> list[Site]:
    """Return the sites at which the signed-in person has a role, by name."""
    return list(db.session.scalars(_visible()))


def find_sites(words: str, *, offset: int, limit: int) -> SitePage:
    """Return the visible sites whose name or key contains every word, by name.

    Names are compared here, because SQLite ignores case only in English letters.
    """
    folded_words = fold(words).split()
    rows = db.session.execute(_visible().with_only_columns(Site.id, Site.name, Site.key))
    ids = [row.id for row in rows if all(word in fold(f"{row.name} {row.key}") for word in folded_words)]
    sites = db.session.scalars(_visible().where(Site.id.in_(ids[offset : offset + limit])))
    return SitePage(list(sites), len(ids))


def _visible() -> Select[Site]:
    query = select(Site).where(Site.removed_at.is_(None)).order_by(Site.name, Site.id)
    rights: Rights = g.rights
    site_ids = [site_id for site_id in rights.roles if site_id is not None]
    return query if None in rights.roles else query.where(Site.id.in_(site_ids))


def _address_at(site: Site) -> str:
    """Return the address of the open page at another site, or the first page there if it needs more than the site."""
    is_page_of_site = request.endpoint is not None and set(request.view_args or {}) == {"key"}
    if request.method == "GET" and is_page_of_site and g.right and g.rights.may(g.right, site.id):
        return url_for(str(request.endpoint), key=site.key)
    return url_for("console.site", key=site.key)
