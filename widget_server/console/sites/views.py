"""Show the sites of this server, the console's first page."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...auth.signed_in import check_right, may
from ...sites.models import Site
from ...sites.service import find_living_site
from ...storage.db import db


@requires("console", "read")
def sites() -> str | Response:
    """Show the sites of the signed-in person; redirect to its first page if there is one site only."""
    living_sites = visible_sites()
    if len(living_sites) == 1:
        return redirect(home_of(living_sites[0]), 303)
    return render_template("console/sites.html", sites=living_sites)


@requires("console", "read")
def all_sites() -> str:
    """Show the list of sites, also with one site only; another one is added here."""
    return render_template("console/sites.html", sites=visible_sites())


def visible_sites() -> list[Site]:
    """Return the sites at which the signed-in person has a role, by name."""
    query = select(Site).where(Site.removed_at.is_(None)).order_by(Site.name, Site.id)
    return [site for site in db.session.scalars(query) if g.rights.role_at(site.id)]


@requires("console", "read", right="read_own_ratings")
def site(key: str) -> Response:
    """Redirect to the first page of a site."""
    return redirect(home_of(site_of(key)), 303)


def home_of(site: Site) -> str:
    """Return the address of the first page of a site for the role of the signed-in person."""
    page = "conversations" if may("read_ratings", site) else "my_ratings"
    return url_for(f"console.{page}", key=site.key)


def site_of(key: str) -> Site:
    """Return the site of a page's address.

    Raises:
        NotFound: the server has no such site, or the signed-in person has no role there.
        Forbidden: the role lacks the right of the view, or the person a required second factor.
    """
    living_site = find_living_site(key)
    check_right(living_site)
    g.site = living_site
    return living_site
